/** Entry of the part: the dialog with the mail's form and the files. */
import { apps } from '../../client/client/index.ts';
import { mountTranscript } from './dialog.ts';

apps.define('transcript', mountTranscript);
