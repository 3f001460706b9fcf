import { describe, expect, it } from 'vitest';
import type { Operator, OperatorSession } from '../../operators/api.ts';
import { ann } from '../../chat/test/world.ts';
import type { StartInput, Thread } from '../../chat/api.ts';
import { answersLine } from '../answers.ts';
import { createQuestions } from '../questions.ts';
import { surveyUsersFunctions } from '../rpc.ts';

const input: StartInput = { remote: '192.0.2.7', userAgent: 'test', locale: 'en' };
const visitor = { id: 1, userId: 'u', name: '' };
const choices = [
  { id: 3, name: 'Sales', description: 'Orders', online: false, selected: false },
  { id: 4, name: 'Help', description: '', online: true, selected: true },
];

function questions(
  groups: Parameters<typeof createQuestions>[0]['groups'],
  settings: Partial<Parameters<typeof createQuestions>[0]['settings']> = {},
) {
  return createQuestions({
    fields: { list: () => [] },
    privacy: { policy: () => undefined },
    settings: {
      enablepresurvey: true,
      surveyaskmail: false,
      surveyaskgroup: true,
      surveyaskmessage: false,
      enableprivacypolicy: false,
      privacypolicy: '',
      ...settings,
    },
    chat: { usercanchangename: false, chattitle: 'Chat', message_max_length: 100 },
    groups,
    locale: (asked) => asked ?? 'en',
  });
}

describe('the question for a group', () => {
  it('is asked while groups are in use and there is a choice, with the one that is selected', async () => {
    const asked: (number | undefined)[] = [];
    const groups = {
      enabled: true,
      choices: async (group: number | undefined) => {
        asked.push(group);
        return choices;
      },
      page: async (group: number) => ({ company: `group ${group}` }),
    };
    const outcome = await questions(groups).before({ visitor, input: { ...input, group: 2 }, stage: 'open' });
    expect(outcome?.options).toMatchObject({
      surveyForm: { groupId: 4, groups: choices },
      page: { title: 'Chat', company: 'group 2' },
    });
    expect(asked).toEqual([2]);
  });

  it('alone makes a survey; without a choice, or switched off, there is none', async () => {
    const begin = { visitor, input: { ...input, group: 2 }, stage: 'open' } as const;
    const page = async () => ({});
    const none = { enabled: true, choices: async () => [], page };
    const off = { enabled: false, choices: async () => choices, page };
    const on = { enabled: true, choices: async () => choices, page };
    expect(await questions(none).before(begin)).toBeUndefined();
    expect(await questions(off).before(begin)).toBeUndefined();
    expect(await questions(undefined).before(begin)).toBeUndefined();
    expect(await questions(on, { surveyaskgroup: false }).before(begin)).toBeUndefined();
    expect(await questions(on).before(begin)).toMatchObject({ next: 'survey' });
    // The button's group is kept where nothing is asked.
    expect(await questions(none).form(visitor, begin.input)).toMatchObject({ groupId: 2, groups: false });
  });
});

describe('answers beside a conversation', () => {
  const answers = [{ name: 'order', label: 'Order', value: '4711' }];
  const functions = surveyUsersFunctions({
    byId: async (id) => (id === 7 ? ({ id } as Thread) : undefined),
    visibleTo: async (operator: Operator, list) => (operator.id === ann.id ? list : []),
    messages: async () => ({
      messages: [
        { ...answersLine(answers), id: 1, created: 0, message: '' },
        // Of a visitor who knows how such a line looks.
        { ...answersLine([{ name: 'x', label: 'x', value: 'forged' }]), kind: 1, id: 2, created: 0, message: '' },
      ],
      lastId: 2,
    }),
  });
  const ask = (thread: number, operator: Operator = ann) => {
    const { surveyFields } = functions;
    if (typeof surveyFields !== 'function') throw new Error('a plain function');
    const session: OperatorSession = { id: 1, operator, csrf: '' };
    return surveyFields({ thread }, { caller: { session } } as never);
  };

  it('stand behind their question, with a colon where it does not end by itself', () => {
    const topic = { name: 'topic', label: 'What is it about?', value: 'Delivery' };
    expect(answersLine([...answers, topic]).body).toBe('Order: 4711\nWhat is it about? Delivery');
  });

  it('are those that the plugin itself told', async () => {
    expect(await ask(7)).toEqual({ fields: answers });
  });

  it('are as missing out of an operator’s sight as of no conversation at all', async () => {
    await expect(ask(8)).rejects.toMatchObject({ errorCode: 108 });
    await expect(ask(7, { ...ann, id: 99 })).rejects.toMatchObject({ errorCode: 108 });
  });
});
