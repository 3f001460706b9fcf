/** Messages as they go over the wire: text that is safe to put into a page, made once per message. */
import sanitize from 'sanitize-html';
import { messageKind, type Message, type MessageKind, type WireMessage } from './api.ts';
import { escapeHtml } from './escape.ts';
import { Lru } from './lru.ts';

const nothing: readonly unknown[] = Object.freeze([]);

/** What is allowed in messages of the system and of plugins. */
const allowed: sanitize.IOptions = {
  allowedTags: ['span', 'em', 'strong', 'b', 'i', 'br', 'p', 'ul', 'ol', 'li', 'a', 'font', 'style'],
  allowedAttributes: { '*': ['class', 'href', 'rel', 'id'] },
  allowedSchemes: ['http', 'https', 'ftp', 'mailto'],
  allowVulnerableTags: true,
};

export function safeBody(kind: MessageKind, body: string): string {
  // Control characters have no business in a page; tab and line breaks do.
  const text = body.replace(/(?![\t\n\r])\p{Cc}/gu, '');
  if (kind === messageKind.user || kind === messageKind.agent) return escapeHtml(text);
  return /[<>&]/.test(text) ? sanitize(text, allowed) : text;
}

export const toWire = (message: Message): WireMessage =>
  Object.freeze({
    id: message.seq,
    kind: message.kind,
    created: Math.floor(message.createdAt / 1000),
    name: message.name,
    message: safeBody(message.kind, message.body),
    plugin: message.plugin,
    data: message.data ?? nothing,
  });

/** The latest messages of all threads, ready for the wire. */
export interface WireCache {
  add(message: Message): WireMessage;
  /** All messages from `from` to `to`, both included, if every one of them is in memory. */
  range(threadId: number, from: number, to: number): WireMessage[] | undefined;
}

const kept = 5_000;
const longestRange = 50;

export function createWireCache(): WireCache {
  const messages = new Lru<string, WireMessage>(kept);
  return {
    add(message) {
      const key = `${message.threadId}:${message.seq}`;
      const known = messages.get(key);
      if (known) return known;
      const wire = toWire(message);
      messages.set(key, wire);
      return wire;
    },
    range(threadId, from, to) {
      if (to - from >= longestRange) return undefined;
      const found: WireMessage[] = [];
      for (let seq = from; seq <= to; seq++) {
        const wire = messages.peek(`${threadId}:${seq}`);
        if (!wire) return undefined;
        found.push(wire);
      }
      return found;
    },
  };
}
