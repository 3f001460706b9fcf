/** The fields of the form: what is in them, what is wrong with it, and where the reader is led. */
import type { Ui } from '../../client/client/index.ts';
import type { LeaveMessageForm } from '../api.ts';

export interface Filled {
  readonly name: string;
  readonly email: string;
  readonly message: string;
  readonly groupId: number;
  /** Undefined where nothing is to be agreed to. */
  readonly consent: boolean | undefined;
}
type FieldName = 'name' | 'email' | 'message' | 'consent';
export type Problems = Partial<Record<FieldName, string>>;

/** Fields that the server's codes are about. */
const fieldOf: Readonly<Record<number, FieldName>> = {
  11: 'email',
  131: 'consent',
  140: 'name',
  141: 'name',
  142: 'message',
  143: 'message',
};
export const fieldOfCode = (code: number | undefined): FieldName | undefined =>
  code === undefined ? undefined : fieldOf[code];

const lengthOf = (text: string) => Array.from(text).length;
/** The server looks closer. */
const looksLikeAddress = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

export function createForm(form: HTMLFormElement, ui: Ui, options: LeaveMessageForm) {
  const control = (name: string) => {
    const found = form.elements.namedItem(name);
    const isControl =
      found instanceof HTMLInputElement || found instanceof HTMLTextAreaElement || found instanceof HTMLSelectElement;
    return isControl ? found : undefined;
  };
  const value = (name: string) => control(name)?.value.trim() ?? '';

  function read(): Filled {
    const consent = control('consent');
    return {
      name: value('name'),
      email: value('email'),
      message: value('message'),
      groupId: Number(control('group')?.value ?? options.groupId),
      consent: consent instanceof HTMLInputElement ? consent.checked : undefined,
    };
  }

  function problems({ name, email, message, consent }: Filled): Problems {
    const { maxLength } = options;
    const text = (what: string, max = 0) => ui.text(`leave-message.form.error.${what}`, { max });
    const required = (field: 'name' | 'message', typed: string) => {
      if (typed === '') return { [field]: text(`${field}.empty`) };
      return lengthOf(typed) > maxLength[field] ? { [field]: text(`${field}.long`, maxLength[field]) } : {};
    };
    return {
      ...required('name', name),
      ...(looksLikeAddress.test(email) ? {} : { email: text('email') }),
      ...required('message', message),
      ...(consent === false ? { consent: text('consent') } : {}),
    };
  }

  /** Says what is wrong beside each field, and leads to the first. */
  function show(found: Problems): void {
    let first: HTMLElement | undefined;
    for (const place of form.querySelectorAll<HTMLElement>('[data-error]')) {
      const name = place.dataset.error as FieldName;
      const problem = found[name];
      const field = control(name);
      place.querySelector('span')!.textContent = problem ?? '';
      place.hidden = problem === undefined;
      if (problem === undefined) field?.removeAttribute('aria-invalid');
      else {
        field?.setAttribute('aria-invalid', 'true');
        first ??= field;
      }
    }
    first?.focus();
  }

  return { read, problems, show, control };
}
