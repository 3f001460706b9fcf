/** A survey that was filled in: tested, and a conversation begun with it. */
import type { chatSettings, Preparation, StartInput, StartOutcome, ThreadsService, Visitor } from '../chat/api.ts';
import { RpcError } from '../rpc/api.ts';
import type { Values } from '../settings/api.ts';
import { answersLine, answersOf, problemsOf, type AnswerProblem, type Given } from './answers.ts';
import { surveyErrors, type PrivacyService } from './api.ts';
import type { Fields } from './fields.ts';

export interface SubmissionNeeds {
  readonly threads: Pick<ThreadsService, 'start'>;
  readonly fields: Pick<Fields, 'list'>;
  readonly privacy: Pick<PrivacyService, 'agreed' | 'policy'>;
  readonly chat: Pick<Values<typeof chatSettings>, 'usercanchangename' | 'message_max_length'>;
  readonly text: (locale: string, key: string, args?: Readonly<Record<string, string | number>>) => string;
  readonly locale: (asked: string | undefined) => string;
}

/** What was filled in. `given` are the answers to the administrator's fields. */
export interface Filled {
  readonly input: StartInput;
  readonly name: string;
  readonly email: string;
  readonly message: string;
  /** Undefined: the client (the original's) knows none of these fields, so nothing can be required of it. */
  readonly given: Given | undefined;
  /** `null`, undefined: it has no box to tick. */
  readonly consent: boolean | null | undefined;
}

/** One thing that is wrong, at the entry it belongs to. */
export interface Problem {
  /** `name`, `email`, `message`, `consent`, or `field-<name>`. */
  readonly entry: string;
  readonly code: number;
  readonly errorName: string;
  readonly text: string;
}

export interface Submissions {
  /** Everything that is wrong, in the order of the form. */
  problems(filled: Filled): Problem[];
  /** @throws RpcError the first problem */
  check(filled: Filled): void;
  /** Begins the conversation; the open one, if there is one: then nothing is said twice. @throws RpcError */
  submit(visitor: Visitor, filled: Filled): Promise<StartOutcome>;
  /** For `chat.thread.prepare`: what operators are told of the answers and the consent. */
  prepare(preparation: Preparation, about: { readonly input: StartInput; readonly locale: string }): Preparation;
}

/** As browsers take it for an address, roughly: one at-sign, no spaces, nothing that a header would misread. */
const mail = /^[^\s@<>"(),:;]+@[^\s@<>"(),:;]+$/;
const limits = { name: 64, email: 254 } as const;
const longer = (text: string, most: number): boolean => text.length > most && Array.from(text).length > most;

export function createSubmissions(needs: SubmissionNeeds): Submissions {
  const { chat, privacy, fields } = needs;
  /** What came with an input that is on its way: the messages that a conversation begins with are asked for in between. */
  const consents = new WeakMap<StartInput, boolean | null | undefined>();

  function problems({ input, name, email, message, given, consent }: Filled): Problem[] {
    const locale = needs.locale(input.locale);
    const found: Problem[] = [];
    const wrong = (entry: string, code: keyof typeof surveyErrors, errorName: string, args = {}) =>
      void found.push({
        entry,
        code: surveyErrors[code],
        errorName,
        text: needs.text(locale, `survey.error.${code}`, args),
      });
    if (chat.usercanchangename && longer(name, limits.name))
      wrong('name', 'nameTooLong', 'NAME_TOO_LONG', { max: limits.name });
    if (email !== '' && (email.length > limits.email || !mail.test(email)))
      wrong('email', 'wrongEmail', 'ERROR_WRONG_EMAIL');
    if (longer(message, chat.message_max_length))
      wrong('message', 'messageTooLong', 'MESSAGE_TOO_LONG', { max: chat.message_max_length });
    const sentence = ({ code, label, maxLength }: AnswerProblem) =>
      needs.text(locale, `survey.problem.${code}`, { label, max: maxLength });
    for (const problem of given ? problemsOf(fields.list(), given, locale) : []) {
      const { fieldInvalid: code } = surveyErrors;
      found.push({ entry: `field-${problem.name}`, code, errorName: 'FIELD_INVALID', text: sentence(problem) });
    }
    if (consent === false && privacy.policy()) wrong('consent', 'consentMissing', 'CONSENT_MISSING');
    return found;
  }

  return {
    problems,
    check(filled) {
      const [first] = problems(filled);
      if (first) throw new RpcError(first.code, first.errorName, first.text);
    },
    async submit(visitor, { input, name, email, message, given, consent }) {
      const begun: StartInput = {
        ...input,
        // Counted only where the visitor may choose it.
        name: chat.usercanchangename ? name : undefined,
        email: email || undefined,
        message: message === '' ? undefined : message,
        fields: given ?? {},
      };
      consents.set(begun, consent);
      return needs.threads.start(visitor, begun);
    },
    prepare(preparation, { input, locale }) {
      const yesNo = [needs.text(locale, 'survey.yes'), needs.text(locale, 'survey.no')] as const;
      const answers = answersOf(fields.list(), input.fields ?? {}, locale, yesNo);
      const line = consents.has(input) ? privacy.agreed(consents.get(input), locale) : undefined;
      const more = [...(answers.length > 0 ? [answersLine(answers)] : []), ...(line ? [line] : [])];
      return more.length > 0 ? { ...preparation, opening: [...preparation.opening, ...more] } : preparation;
    },
  };
}
