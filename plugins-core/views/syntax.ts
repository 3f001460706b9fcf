/** Templates as trees: icons written in, references to other templates found. */
import Handlebars from 'handlebars';
import { PluginError } from '../../kernel/errors.ts';

type Program = hbs.AST.Program;
type Statement = hbs.AST.Statement;

/** Markup of an icon. @throws PluginError when there is none of that name */
export type IconSource = (name: string, size?: string) => string;

/** A parsed template and the templates that it cannot do without. */
export interface Parsed {
  readonly tree: Program;
  readonly references: readonly string[];
}

/**
 * Parses a template; `{{icon "name"}}` becomes the drawing itself.
 *
 * @param strict whether an icon's name must be a literal, since no helper could draw it later
 */
export function parseTemplate(name: string, source: string, icon: IconSource, strict: boolean): Parsed {
  const references = new Set<string>();
  const inline = new Set<string>();

  const visit = (statement: Statement): Statement => {
    switch (statement.type) {
      case 'MustacheStatement':
        return drawn(statement as hbs.AST.MustacheStatement);
      case 'BlockStatement': {
        const block = statement as hbs.AST.BlockStatement;
        const target = block.params[0];
        if (isPath(block.path, 'extends') && target?.type === 'StringLiteral')
          references.add((target as hbs.AST.StringLiteral).value);
        if (block.program) walk(block.program);
        if (block.inverse) walk(block.inverse);
        return block;
      }
      case 'PartialStatement': {
        const path = (statement as hbs.AST.PartialStatement).name;
        if (path.type === 'PathExpression' && !('data' in path && path.data)) references.add(path.original);
        return statement;
      }
      case 'PartialBlockStatement': {
        const { name: path, program } = statement as hbs.AST.PartialBlockStatement;
        // Without it the block alone would be drawn, and nobody would be told.
        if (path.type === 'PathExpression') references.add(path.original);
        walk(program);
        return statement;
      }
      case 'DecoratorBlock': {
        const block = statement as hbs.AST.DecoratorBlock;
        const target = block.params[0];
        if (target?.type === 'StringLiteral') inline.add((target as hbs.AST.StringLiteral).value);
        walk(block.program);
        return block;
      }
      default:
        return statement;
    }
  };
  const walk = (program: Program): void => {
    program.body = program.body.map(visit);
  };
  const drawn = (mustache: hbs.AST.MustacheStatement): Statement => {
    if (!isPath(mustache.path, 'icon')) return mustache;
    const [first] = mustache.params;
    const size = mustache.hash?.pairs.find((pair) => pair.key === 'size')?.value;
    if (first?.type !== 'StringLiteral' || (size && size.type !== 'StringLiteral')) {
      if (!strict) return mustache;
      const where = `${name}:${mustache.loc.start.line}`;
      throw new PluginError('TEMPLATE_INVALID', {
        plugin: 'views',
        where,
        reason: `${where}: an icon's name must be a literal here`,
      });
    }
    const value = icon((first as hbs.AST.StringLiteral).value, (size as hbs.AST.StringLiteral | undefined)?.value);
    // The types ask for strip flags as the original text; the compiler reads the value alone.
    const content = {
      type: 'ContentStatement' as const,
      value,
      original: { open: false, close: false },
      loc: mustache.loc,
    };
    return content satisfies hbs.AST.ContentStatement;
  };

  let tree: Program;
  try {
    tree = Handlebars.parse(source, { srcName: name });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PluginError('TEMPLATE_INVALID', { plugin: 'views', where: name, reason: `${name}: ${reason}`, cause });
  }
  walk(tree);
  return { tree, references: [...references].filter((reference) => !inline.has(reference)) };
}

/** Indentation is for authors; one line break stands for any white space that has one. */
export function trimSpace(program: Program): void {
  for (const statement of program.body) {
    if (statement.type === 'ContentStatement') {
      const content = statement as hbs.AST.ContentStatement;
      content.value = content.value.replace(/\s*\n\s*/g, '\n');
    }
    const block = statement as Partial<hbs.AST.BlockStatement>;
    if (block.program) trimSpace(block.program);
    if (block.inverse) trimSpace(block.inverse);
  }
}

const isPath = (path: hbs.AST.Node, name: string): boolean =>
  path.type === 'PathExpression' && (path as hbs.AST.PathExpression).original === name;

/** The error for a template that another one names and nobody has. */
export const missingTemplate = (name: string, from: string): PluginError =>
  new PluginError('TEMPLATE_MISSING', {
    plugin: 'views',
    where: from,
    reason: `${from}: there is no template "${name}"`,
  });
