/**
 * What a program that a test starts gets of this process's environment. With the compile cache it starts in half the time:
 * Node keeps there what it has made of each source.
 */
export function childEnv(): NodeJS.ProcessEnv {
  const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
  return { PATH, HOME, NODE_COMPILE_CACHE };
}
