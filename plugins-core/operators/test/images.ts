/** The beginnings of pictures: as much as says what they are and how large. */
const bytes = (...parts: readonly (string | readonly number[])[]) =>
  new Uint8Array(
    Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part)))),
  );
const big = (value: number, size: number) =>
  Array.from({ length: size }, (_, index) => (value >> (8 * (size - 1 - index))) & 255);
const little = (value: number, size: number) => big(value, size).toReversed();

/** @param more bytes after the end */
export const pngOf = (width: number, height: number, more = 0) =>
  bytes(
    '\x89PNG\r\n\x1a\n',
    big(13, 4),
    'IHDR',
    big(width, 4),
    big(height, 4),
    [8, 2, 0, 0, 0, 0, 0, 0, 0],
    Array.from({ length: more }, () => 0),
  );
export const gifOf = (width: number, height: number) => bytes('GIF89a', little(width, 2), little(height, 2), [0, 0, 0]);
export const jpegOf = (width: number, height: number) =>
  bytes(
    [0xff, 0xd8, 0xff, 0xe0, 0, 16],
    'JFIF\0',
    [1, 1, 0, 0, 1, 0, 1, 0, 0],
    [0xff, 0xc0, 0, 17, 8],
    big(height, 2),
    big(width, 2),
    [3, 1, 34, 0, 2, 17, 1, 3, 17, 1],
    [0xff, 0xd9],
  );
export const webpOf = (width: number, height: number) =>
  bytes(
    'RIFF',
    little(30, 4),
    'WEBPVP8X',
    little(10, 4),
    [0, 0, 0, 0],
    little(width - 1, 3),
    little(height - 1, 3),
    [0, 0],
  );
