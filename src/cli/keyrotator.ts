/** `keyrotator`: the command line of a vault, also of one on another machine, which it talks to by HTTP. */
import { keyrotator } from './admin/commands.ts';
import { start } from './admin/start.ts';

start(keyrotator(), process.argv.slice(2));
