/** `mibew operator …`, in the running server or without one. */
import { PluginError, type Command, type CommandCall } from '../../kernel/index.ts';
import { OperatorError, type Operator, type OperatorsService } from './api.ts';

const login = { type: 'string', required: true, description: 'name for the login' } as const;
const passwordStdin = { type: 'boolean', description: 'read the password from the standard input' } as const;

export function operatorCommands(operators: OperatorsService, everything: () => readonly string[]): Command[] {
  const find = async (name: unknown): Promise<Operator> => {
    const found = await operators.byLogin(String(name));
    if (!found) throw new OperatorError('OPERATOR_UNKNOWN', `there is no operator with the login "${String(name)}"`);
    return found;
  };

  return [
    {
      name: 'operator add',
      summary: 'Adds an operator',
      args: {
        login,
        name: { type: 'string', required: true, description: 'name that visitors see' },
        email: { type: 'string', required: true, description: 'e-mail address' },
        admin: { type: 'boolean', description: 'with all permissions' },
        'password-stdin': passwordStdin,
      },
      run: (call) =>
        attempt(async () => {
          const { args } = call;
          const [name, email] = [String(args['name']), String(args['email'])];
          const permissions = args['admin'] ? everything() : [];
          const password = await passwordOf(call);
          const operator = await operators.create({ login: String(args['login']), name, email, password, permissions });
          call.print(`added ${operator.login} <${operator.email}>${args['admin'] ? ', an administrator' : ''}`);
        }),
    },
    {
      name: 'operator passwd',
      summary: 'Sets the password of an operator and ends the sessions',
      args: { login, 'password-stdin': passwordStdin },
      run: (call) =>
        attempt(async () => {
          const operator = await find(call.args['login']);
          await operators.setPassword(operator.id, await passwordOf(call));
          call.print(`the password of ${operator.login} was changed, the sessions have ended`);
        }),
    },
    {
      name: 'operator disable',
      summary: 'Keeps an operator from logging in and ends the sessions',
      args: { login, undo: { type: 'boolean', description: 'let the operator log in again' } },
      run: (call) =>
        attempt(async () => {
          const operator = await find(call.args['login']);
          const disabled = call.args['undo'] !== true;
          await operators.setDisabled(operator.id, disabled);
          call.print(`${operator.login} is ${disabled ? 'disabled' : 'enabled'}`);
        }),
    },
  ];
}

/** One line; the end of line that `echo` adds is none of it. */
async function passwordOf(call: CommandCall): Promise<string> {
  if (call.args['password-stdin'] !== true)
    throw new OperatorError('OPERATOR_INVALID', 'give the password on the standard input, with --password-stdin');
  return (await call.stdin()).replace(/\r?\n$/, '');
}

const sentences: Readonly<Record<string, string>> = {
  required: 'is missing',
  too_short: 'is too short (at least 8 characters)',
  too_long: 'is too long',
  invalid: 'is not valid',
  taken: 'is already taken by another operator',
};

/** What is wrong with an account, in words for a terminal. */
async function attempt(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const words = error.issues.map(({ field, code }) => `${field} ${sentences[code] ?? code}`);
    const reason = words.length > 0 ? words.join('; ') : error.message;
    throw new PluginError(error.code, { plugin: 'operators', reason, cause: error });
  }
}
