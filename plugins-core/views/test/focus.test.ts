import { describe, expect, it } from 'vitest';
import { focusFirstError } from '../focus.ts';

const focused = (html: string) => focusFirstError(html).match(/id="(\w+)"(?=[^>]* autofocus)/g);

describe('the focus of a page that refused a form', () => {
  it('goes to the first field with an error, whatever kind of field it is', () => {
    for (const tag of ['input', 'select', 'textarea']) {
      const html = `<input id="a"><${tag} id="b" required aria-invalid="true"><input id="c" aria-invalid="true">`;
      expect(focused(html), tag).toEqual(['id="b"']);
    }
  });

  it('goes to no field that asked for it and has no error, before or behind', () => {
    const html =
      '<input id="a" autofocus dir="auto"><input id="b" autofocus aria-invalid="true"><button id="c" autofocus>';
    expect(focused(html)).toEqual(['id="b"']);
    expect(focusFirstError(html)).toContain('<input id="a" dir="auto">');
  });

  it('stays where it was asked for while nothing is wrong', () => {
    const html = '<input id="a" autofocus><p aria-invalid="false">aria-invalid</p>';
    expect(focusFirstError(html)).toBe(html);
  });

  it('takes no word out of what was typed', () => {
    const html = '<input id="a" value="set autofocus here"><input id="b" aria-invalid="true" value="an autofocus ">';
    expect(focusFirstError(html)).toBe(html.replace(' aria-invalid', ' autofocus aria-invalid'));
  });
});
