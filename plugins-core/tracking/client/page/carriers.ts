/** How contacts travel: over the open chat's socket, else one of the page's own, else POST with one tab's stream for what is pushed. */
import type { ChatLink, LauncherDoor } from '../../../../widget/part.ts';
import { createLead } from './lead.ts';
import { growing } from './pauses.ts';
import { post, type Posted } from './post.ts';
import { openLine, type Line } from './socket.ts';
import { asking, resultOf, unpacked, type Arguments, type Incoming } from './wire.ts';
import type { PageWorld } from './world.ts';

export interface Carriers {
  /** Makes a contact. Rejects when the server could not be asked; with {@link Refused} where it said why. */
  send(secret: string, contact: Arguments): Promise<Arguments>;
  /** The page goes away: another tab may lead. */
  leave(): void;
  /** Ends every connection, and nothing that is under way goes on; `send` makes new ones. */
  rest(): void;
}

interface CarriersNeeds {
  readonly door: Pick<LauncherDoor, 'base' | 'chat' | 'shelf'>;
  readonly world: PageWorld;
  /** The server calls, besides answers. */
  readonly pushed: (calls: readonly Incoming[]) => void;
  /** The connection over which the server calls is gone (`lost`), or this page could have one with its next contact. */
  readonly wanted: (lost: boolean) => void;
}

export function createCarriers({ door, world, pushed, wanted }: CarriersNeeds): Carriers {
  const address = `${door.base}widget`;
  let line: Line | undefined;
  let ready = false;
  /** A socket worked once on this page, so it is worth trying again. */
  let known = false;
  /** From when on a socket is worth trying, ms; `refused`: never again. */
  let lineFrom = 0;
  let refused = false;
  let lineFailures = 0;
  let posted: Posted | undefined;
  let stream: Posted | undefined;
  let streamFrom = 0;
  let streamFailures = 0;
  let heardChat: ChatLink | undefined;
  let unlisten: readonly (() => void)[] = [];
  /** It could not do it. */
  let shunned: ChatLink | undefined;
  /** Counts the times that everything was ended. */
  let life = 0;

  const hear = (text: string) => pushed(unpacked(text) || []);
  const lead = createLead({
    world,
    shelf: door.shelf,
    name: `mibew ${address}`,
    heard: hear,
    changed(leads) {
      if (leads) return wanted(false);
      if (stream) stream.cancel();
      stream = undefined;
    },
  });

  function closeOwn(): void {
    if (line) line.close();
    line = undefined;
    ready = false;
    lead.stop();
  }
  function listen(chat: ChatLink | undefined): void {
    if (chat === heardChat) return;
    for (const off of unlisten) off();
    heardChat = chat;
    const on = (name: string) => chat!.on(name, (args) => pushed([{ name, args }]));
    unlisten = chat ? [on('receiveWidget'), on('stopWidget')] : [];
  }

  function open(secret: string): Line {
    return openLine({
      world,
      address,
      secret,
      pushed,
      lost(final) {
        line = undefined;
        refused = refused || final;
        if (!ready) lineFrom = known && !refused ? world.now() + growing(world, lineFailures++) : Infinity;
        else if (refused) lineFrom = Infinity;
        ready = false;
        wanted(true);
      },
    });
  }

  function byPost(secret: string, contact: Arguments): Promise<Arguments> {
    const streams = lead.leads && !stream && world.now() >= streamFrom;
    const pause = (failures: number) => {
      stream = undefined;
      streamFrom = world.now() + growing(world, failures);
    };
    // A proxy that holds streams back holds the answer back, too: the next contact goes without.
    const failed = () => pause(2 + streamFailures++);
    const heard = (text: string) => {
      streamFailures = 0;
      lead.tell(text);
      hear(text);
    };
    const sent = post({
      world,
      address,
      secret,
      contact,
      stream: streams ? { heard, lost: () => pause(streamFailures++) } : undefined,
    });
    posted = sent;
    if (streams) stream = sent;
    return sent.answer.then(
      ({ calls, streaming }) => {
        if (streams && !streaming) failed();
        lead.start();
        pushed(calls);
        const result = resultOf(calls);
        if (result) return result;
        throw undefined;
      },
      (error) => {
        if (streams) failed();
        // A socket that was refused while the server was away says nothing about sockets.
        if (!refused) lineFrom = 0;
        throw error;
      },
    );
  }

  function send(secret: string, contact: Arguments): Promise<Arguments> {
    const chat = door.chat();
    if (chat !== shunned) shunned = undefined;
    if (chat && chat.live && !shunned) {
      listen(chat);
      const begun = life;
      return chat
        .call('widgetContact', asking({ ...contact, user: true, userId: secret }))
        .then((result) => {
          if (result['errorCode']) throw undefined;
          if (begun === life) closeOwn();
          return result;
        })
        .catch((error) => {
          if (begun !== life) throw error;
          shunned = chat;
          return send(secret, contact);
        });
    }
    listen(undefined);
    if (line && ready) return line.ask(contact);
    if (world.now() < lineFrom) return byPost(secret, contact);
    const own = (line = open(secret));
    return own.opened.then(
      () => {
        ready = known = true;
        lineFailures = 0;
        lead.stop();
        return own.ask(contact);
      },
      // POST tells whether it is the sockets or the server.
      () => byPost(secret, contact),
    );
  }

  return {
    send,
    leave: () => lead.stop(),
    rest() {
      life++;
      closeOwn();
      listen(undefined);
      if (posted) posted.cancel();
      posted = undefined;
      lineFrom = refused ? Infinity : 0;
    },
  };
}
