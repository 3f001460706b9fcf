/** Where an address is, from a MaxMind database that the administrator put on this server. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { isIP } from 'node:net';
import { open, type CityResponse, type CountryResponse } from 'maxmind';
import { cut } from './texts.ts';

interface Place {
  /** ISO 3166-1 code; `''` if unknown. */
  readonly country: string;
  /** In English; `''` if unknown. */
  readonly city: string;
}
/** What is asked of a database. */
interface PlaceReader {
  get(address: string): unknown;
}
export interface Geo {
  of(address: string): Place;
  /** Reads another file, or none. What cannot be read is told, and nothing is looked up. */
  use(path: string): Promise<void>;
}

const nowhere: Place = { country: '', city: '' };
/** Stands before the description of each such file, which is at its end. */
const marker = Buffer.from('abcdef4d61784d696e642e636f6d', 'hex');
const tail = 128 * 1024;

/** @returns why this is no such file; undefined when it is one, or none is wanted */
export function fileProblem(path: string): string | undefined {
  if (path === '') return undefined;
  try {
    const file = openSync(path, 'r');
    try {
      const { size } = fstatSync(file);
      const end = Buffer.alloc(Math.min(size, tail));
      readSync(file, end, 0, end.length, size - end.length);
      return end.includes(marker) ? undefined : 'must be a MaxMind database (.mmdb)';
    } finally {
      closeSync(file);
    }
  } catch {
    return 'must be the path of a file that this server can read';
  }
}

const openFile = (path: string): Promise<PlaceReader> => open<CityResponse & CountryResponse>(path);

/** @param failed told of a file that cannot be read, and of what cannot be found in it */
export function createGeo(failed: (error: unknown, path: string) => void, read = openFile): Geo {
  let reader: PlaceReader | undefined;
  let used = '';

  return {
    of(address) {
      if (!reader || !isIP(address)) return nowhere;
      try {
        const found = reader.get(address) as Partial<CityResponse> | null;
        return { country: cut(found?.country?.iso_code, 2), city: cut(found?.city?.names?.en, 128) };
      } catch (error) {
        // A broken file would fail for each address anew.
        reader = undefined;
        failed(error, used);
        return nowhere;
      }
    },
    async use(path) {
      if (path === used) return;
      used = path;
      reader = undefined;
      if (path === '') return;
      try {
        const opened = await read(path);
        // Another one may be wanted by now.
        if (used === path) reader = opened;
      } catch (error) {
        failed(error, path);
      }
    },
  };
}
