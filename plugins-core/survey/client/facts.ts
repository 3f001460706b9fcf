/** Joins the workspace: what the visitor answered, beside his conversation. */
import { controls, succeed, type Transport, type Ui } from '../../client/client/index.ts';
import type { SurveyAnswer } from '../api.ts';

/** The part of the slot's context that is used here. */
interface FactsContext {
  readonly row: { readonly id: number };
  readonly ui: Ui;
  readonly transport: Transport;
  readonly agentId: number;
}

controls.add<FactsContext>('users/facts', {
  name: 'survey',
  mount(element, { row, ui, transport, agentId }) {
    let shown = true;
    const args = { agentId, thread: row.id, return: { fields: 'fields' } };
    transport.call([{ function: 'surveyFields', arguments: args }], { force: true }).then(
      (result) => {
        const { fields } = succeed(result) as unknown as { readonly fields: readonly SurveyAnswer[] };
        if (shown && fields.length > 0) ui.fill(element, 'survey/facts', { fields });
      },
      // The conversation begins with the same answers.
      () => undefined,
    );
    return () => void (shown = false);
  },
});
