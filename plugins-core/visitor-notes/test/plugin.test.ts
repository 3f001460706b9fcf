import { fileURLToPath } from 'node:url';
import { describePlugin } from '../../../kernel/testing.ts';

describePlugin(fileURLToPath(new URL('..', import.meta.url)));
