/** Addresses in their two forms: for the wire and for people. */
import { domainToASCII, domainToUnicode } from 'node:url';

const split = (address: string): [string, string] => {
  const at = address.lastIndexOf('@');
  return [address.slice(0, at), address.slice(at + 1)];
};

/** International domains as mail servers know them: `ann@xn--bcher-kva.example`. */
export function wireAddress(address: string): string {
  const [local, domain] = split(address);
  return `${local}@${domainToASCII(domain)}`;
}

/** International domains in their own letters, whichever form was typed: `ann@bücher.example`. */
export function shownAddress(address: string): string {
  const [local, domain] = split(address);
  return `${local}@${domainToUnicode(domainToASCII(domain))}`;
}
