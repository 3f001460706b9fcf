/** The entry of the command line. It is a plugin like everything else; this only knows where it lies. */
import { pathToFileURL } from 'node:url';
import { productRoot, runnable } from './place.ts';

await import(pathToFileURL(runnable(productRoot, 'plugins-core/console/cli.ts')).href);
