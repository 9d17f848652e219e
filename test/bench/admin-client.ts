/** Calls of the administration that fail loudly. */
export class AdminClient {
  readonly #base: string;
  readonly #token: string;

  constructor(serviceUrl: string, token: string) {
    this.#base = `${serviceUrl}/admin/v1`;
    this.#token = token;
  }

  /** The answer's body; rejects on anything but a 2xx, with what the service said. */
  async call<T>(method: string, path: string, body?: object): Promise<T> {
    const response = await fetch(this.#base + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path} was answered ${response.status}: ${text}`);
    return (text === '' ? null : JSON.parse(text)) as T;
  }
}
