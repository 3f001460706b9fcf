/** Where the focus goes on a page that refused a form: to the first field with an error, before any other that asks for it. */

const control = /<(?:input|select|textarea|button)\b[^>]*>/g;
const invalid = ' aria-invalid="true"';
/** The attribute, not the word in somebody's text: what stands in quotes is passed over. */
const asking = /^((?:[^"]|"[^"]*")*?) autofocus(?=[\s>])/;

/** Done with the finished page, so that no template, and no theme's, has to know whether it holds the first of the errors. */
export function focusFirstError(html: string): string {
  if (!html.includes(invalid)) return html;
  let found = false;
  return html.replace(control, (tag) => {
    const plain = tag.replace(asking, '$1');
    if (found || !plain.includes(invalid)) return plain;
    found = true;
    return plain.replace(invalid, ` autofocus${invalid}`);
  });
}
