/** Entry of the part: the screen that stands in for a conversation when nobody is there. */
import { apps } from '../../client/client/index.ts';
import { mountLeaveMessage } from './screen.ts';

apps.define('leaveMessage', mountLeaveMessage);
