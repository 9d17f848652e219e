/** What holds of a request and of a connection over plain HTTP holds over TLS. */
process.env.TEST_TLS = 'true';
await import('./delivery/connections.test.ts');
await import('./delivery/request-form.test.ts');
