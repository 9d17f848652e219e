import { readFile } from 'node:fs/promises';

/**
 * What `npm run openapi` wrote: making the document holds the event loop for 40 ms and more, and deliveries would wait for
 * it. Read when it is asked for first, and kept.
 */
export function openApiText(): Promise<Buffer> {
  text ??= readFile(new URL('./openapi.json', import.meta.url)).catch((error: unknown) => {
    text = null;
    throw error;
  });
  return text;
}

let text: Promise<Buffer> | null = null;
