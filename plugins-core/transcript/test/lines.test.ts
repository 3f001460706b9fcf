import { describe, expect, it } from 'vitest';
import { messageKind, type MessageKind, type WireMessage } from '../../chat/api.ts';
import { clockOf, lineOf, plainText } from '../lines.ts';

const message = (kind: MessageKind, text: string, name: string | null = null): WireMessage => ({
  id: 1,
  kind,
  created: Date.UTC(2024, 1, 29, 23, 4, 5) / 1000,
  name,
  message: text,
  plugin: '',
  data: [],
});
const utc = clockOf('UTC');

describe('a line of a transcript', () => {
  it.each([
    [message(messageKind.user, 'Hi', 'Tess'), '23:04:05 Tess: Hi'],
    [message(messageKind.agent, 'Hello', 'Ann'), '23:04:05 Ann: Hello'],
    [message(messageKind.user, 'Hi'), '23:04:05 Hi'],
    [message(messageKind.forAgent, 'came from'), '23:04:05 [came from]'],
    [message(messageKind.info, 'welcome'), '23:04:05 welcome'],
    [message(messageKind.conn, 'lost'), '[lost]'],
    [message(messageKind.events, 'joined'), '[joined]'],
    [message(messageKind.plugin, 'an order'), '[an order]'],
  ])('is as the original has it: %#', (given, line) => expect(lineOf(given, utc)).toBe(line));

  it('shows the clock of whoever reads it, or the server’s own', () => {
    const given = message(messageKind.info, 'x');
    expect(lineOf(given, clockOf('Asia/Kolkata'))).toBe('04:34:05 x');
    for (const unknown of ['Nowhere/Atall', '', null, undefined, '../../etc'])
      expect(lineOf(given, clockOf(unknown))).toBe(lineOf(given, clockOf()));
  });
});

describe('the text of a message', () => {
  it.each([
    ['a &lt;b&gt; &amp;amp; &quot;c&quot; &#39;d&#x27;', 'a <b> &amp; "c" \'d\''],
    ['one<br>two<br />three', 'one\ntwo\nthree'],
    ['<p>one</p><ul><li>two</li><li>three</li></ul>', 'one\ntwo\nthree'],
    ['<style>p { color: red }</style><strong>hi</strong>', 'hi'],
    ['<a href="https://a.example/?x=1&amp;y=2">here</a>', 'here'],
    ['&unknown; &#9999999;', '&unknown; &#9999999;'],
    ['a\r\nb\rc', 'a\nb\nc'],
  ])('is what a reader sees of it: %j', (html, text) => expect(plainText(html)).toBe(text));
});
