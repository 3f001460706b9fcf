/** `mibew operator …`, in the running server or without one. */
import { reasonOf, type Command, type CommandCall } from '../../kernel/index.ts';
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
        attempt(call, async () => {
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
        attempt(call, async () => {
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
        attempt(call, async () => {
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

/** What an administrator can mend is told in a sentence; anything else is a failure of the program. */
async function attempt(call: CommandCall, work: () => Promise<void>): Promise<number> {
  try {
    await work();
    return 0;
  } catch (error) {
    if (!(error instanceof OperatorError)) throw error;
    const lines = error.issues.map(({ field, code }) => `${field} ${sentences[code] ?? code}`);
    call.print(`${error.code}  ${lines.length > 0 ? lines.join('; ') : reasonOf(error)}`);
    return 1;
  }
}
