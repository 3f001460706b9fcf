import { describe, expect, it } from 'vitest';
import { messageKind } from '../api.ts';
import { safeBody, toWire } from '../wire.ts';

describe('a message on the wire', () => {
  it('has the markup of people escaped', () => {
    const body = `<img src=x onerror=alert(1)> & "quotes' </script> + % 😀`;
    expect(safeBody(messageKind.user, body)).toBe(
      '&lt;img src=x onerror=alert(1)&gt; &amp; &quot;quotes&#39; &lt;/script&gt; + % 😀',
    );
    expect(safeBody(messageKind.agent, 'Hi & welcome')).toBe('Hi &amp; welcome');
  });

  it('keeps of system markup what is allowed, and nothing else', () => {
    const body =
      '<p class="a" onclick="x()">text <b>bold</b> <a href="https://a.example/" target="_blank">link</a><script>bad()</script><a href="javascript:x()">x</a></p>';
    expect(safeBody(messageKind.info, body)).toBe(
      '<p class="a">text <b>bold</b> <a href="https://a.example/">link</a><a>x</a></p>',
    );
    expect(safeBody(messageKind.info, 'Ann &amp; Bob')).toBe('Ann &amp; Bob');
  });

  it('loses control characters but no line breaks', () => {
    expect(safeBody(messageKind.user, 'a\u0000b\u001b\nc\td')).toBe('ab\nc\td');
  });

  it('has the fields and units of the protocol', () => {
    const stored = {
      threadId: 1,
      seq: 7,
      kind: messageKind.info,
      name: null,
      agentId: 0,
      body: 'x',
      plugin: '',
      data: null,
      createdAt: 1_700_000_001_999,
    };
    expect(toWire(stored)).toEqual({
      id: 7,
      kind: 4,
      created: 1_700_000_001,
      name: null,
      message: 'x',
      plugin: '',
      data: [],
    });
  });
});
