/** The service `widget.widget`: what open pages are told between their contacts. */
import type { RealtimeService } from '../realtime/api.ts';
import { completed } from './answers.ts';
import { nothingToDo, widgetPages, type WidgetService } from './api.ts';

export interface PushesNeeds {
  readonly realtime: Pick<RealtimeService, 'publish' | 'count' | 'leave'>;
  /** The server goes away: pages go on elsewhere, or once it is back. */
  readonly leaving: () => boolean;
}

export function createPushes({ realtime, leaving }: PushesNeeds): WidgetService {
  return {
    push(topic, response) {
      if (realtime.count(topic) === 0) return 0;
      const args = { ...completed({ ...nothingToDo, ...response }) };
      return realtime.publish(topic, [{ function: 'receiveWidget', arguments: args }]);
    },
    stop() {
      if (leaving()) return;
      realtime.publish(widgetPages, [{ function: 'stopWidget', arguments: {} }]);
      realtime.leave(widgetPages, [widgetPages]);
    },
  };
}
