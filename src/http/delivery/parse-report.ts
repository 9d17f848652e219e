/** The body of a report: a JSON object of at most 4 KiB with the members that it may have, each once. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { plainWords } from '../../contract/plain-words.ts';
import { type ReportBody, reportBody } from '../../contract/report.ts';
import { repeatedMember } from '../../domain/json-members.ts';
import type { Refusal } from '../../domain/refusal.ts';
import { invalid } from './parse-request.ts';

const MAX_BYTES = 4_096;
const NO_BODY = invalid('Send a JSON object: {"delivery_id": "…", "outcome": "ok"}.');
const NOT_JSON_BY_TYPE = invalid('Send the body as Content-Type: application/json.');
const ENCODED = invalid('The body has a Content-Encoding: send it as it is.');
const TOO_LARGE = invalid('The body has more than 4096 bytes.');
const ENDED_EARLY = invalid('The body ended early.');
const NOT_UTF8 = invalid('The body is not UTF-8.');
const NOT_JSON = invalid('The body is not JSON.');
const REPEATED = invalid('A member is twice in the body: send each once.');

/** Never rejects. */
export async function readReport(
  request: IncomingMessage,
): Promise<{ readonly bytes: Buffer; readonly body: ReportBody } | Refusal> {
  const { headers } = request;
  if (!/^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '')) return NOT_JSON_BY_TYPE;
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return ENCODED;
  const bytes = await readBody(request);
  if ('reason' in bytes) return bytes;
  const body = parseReport(bytes);
  return 'reason' in body ? body : { bytes, body };
}

function parseReport(bytes: Buffer): ReportBody | Refusal {
  if (bytes.length === 0) return NO_BODY;
  if (!isUtf8(bytes)) return NOT_UTF8;
  const text = bytes.toString('utf8');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return NOT_JSON;
  }
  if (repeatedMember(text) !== null) return REPEATED;
  const { data, error } = reportBody.safeParse(value, { error: plainWords });
  if (error === undefined) return data;
  const [issue] = error.issues;
  if (issue?.code === 'unrecognized_keys')
    return invalid(`A report has these members: ${Object.keys(reportBody.shape).join(', ')}.`);
  const [member] = issue?.path ?? [];
  return member === undefined ? NO_BODY : invalid(`${String(member)} ${issue?.message}.`);
}

function readBody(request: IncomingMessage): Promise<Buffer | Refusal> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length <= MAX_BYTES) chunks.push(chunk);
      else resolve(TOO_LARGE);
    });
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => resolve(ENDED_EARLY));
    request.on('close', () => resolve(ENDED_EARLY));
  });
}
