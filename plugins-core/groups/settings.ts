import { defineSettings, field } from '../settings/api.ts';

export const groupsSettings = defineSettings('groups', {
  /** Visitors reach groups of operators, and operators see the conversations of their groups. */
  enablegroups: field.switch({ default: false }),
  /** Operators without the permission to administrate see only colleagues of their own and neighbouring groups. */
  enablegroupsisolation: field.switch({ default: false }),
});
