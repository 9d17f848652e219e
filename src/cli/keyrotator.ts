/** `keyrotator`: the command line of a vault, also of one on another machine, which it talks to by HTTP. */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Half the time of a command is compiling it. Where the folder cannot be written, it is compiled each time.
enableCompileCache(join(import.meta.dirname, '../../node_modules/.cache/node-compile'));
const { keyrotator } = await import('./admin/commands.ts');
const { start } = await import('./admin/start.ts');

start(keyrotator(), process.argv.slice(2));
