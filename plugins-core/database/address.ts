/** Reads MIBEW_DATABASE: `sqlite:path`, or `mysql://user:password@host:port/database`. */
import { isAbsolute, resolve } from 'node:path';
import { failure } from './failure.ts';

export type Address =
  | { readonly dialect: 'sqlite'; readonly file: string }
  | {
      readonly dialect: 'mysql';
      readonly host: string;
      readonly port: number;
      readonly user: string;
      readonly password: string;
      readonly database: string;
      readonly socketPath?: string;
    };

const invalid = (reason: string) =>
  failure('DATABASE_URL_INVALID', `${reason}; write sqlite:data/mibew.db or mysql://user:password@host:3306/database`);

/** @param folder what a relative path of a SQLite file starts from */
export function parseAddress(text: string, folder: string): Address {
  if (text.startsWith('sqlite:')) {
    const path = text.slice('sqlite:'.length).replace(/^\/\/(?=\/)/, '');
    if (path === '' || path.startsWith(':')) throw invalid('names no file');
    return { dialect: 'sqlite', file: isAbsolute(path) ? path : resolve(folder, path) };
  }
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw invalid('is no address');
  }
  if (url.protocol !== 'mysql:' && url.protocol !== 'mariadb:') {
    throw invalid(`has the unknown kind "${url.protocol.replace(/:$/, '')}"`);
  }
  const [database, user, password] = [url.pathname.slice(1), url.username, url.password].map(decoded) as [
    string,
    string,
    string,
  ];
  if (!url.hostname) throw invalid('names no host');
  if (!/^[^/]+$/.test(database)) throw invalid('names no database');
  const socketPath = url.searchParams.get('socket');
  return {
    dialect: 'mysql',
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? 3306 : Number(url.port),
    user,
    password,
    database,
    ...(socketPath ? { socketPath } : {}),
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalid('has a "%" that stands for nothing (write %25)');
  }
}

/** For messages and logs: without the password. */
export function describeAddress(address: Address): string {
  return address.dialect === 'sqlite'
    ? `sqlite:${address.file}`
    : `mysql://${address.user}@${address.socketPath ?? `${address.host}:${address.port}`}/${address.database}`;
}
