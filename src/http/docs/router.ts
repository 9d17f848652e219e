/** The reference page at `/docs`: Swagger UI from files of its package, without a word to any other server. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Response, Router } from 'express';
import helmet from 'helmet';

/** Swagger UI draws its arrows from `data:` images of its style sheet; for the rest nothing but files of this server. */
const POLICY = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", 'data:'],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

const OWN = import.meta.dirname;
const SWAGGER = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));

/** Path → file. */
const FILES: Readonly<Record<string, string>> = {
  '/docs': join(OWN, 'page.html'),
  '/docs/initializer.js': join(OWN, 'initializer.js'),
  '/docs/swagger-ui-bundle.js': join(SWAGGER, 'swagger-ui-bundle.js'),
  '/docs/swagger-ui.css': join(SWAGGER, 'swagger-ui.css'),
  '/docs/favicon-32x32.png': join(SWAGGER, 'favicon-32x32.png'),
};

export const DOCS_PATHS = Object.keys(FILES);

export function docsRouter(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  router.use(DOCS_PATHS, helmet.contentSecurityPolicy(POLICY));
  for (const [path, file] of Object.entries(FILES)) {
    router.get(path, (_request, response: Response, next) => {
      // As everything else of this server it is kept by nobody: `no-store` is set already.
      response.sendFile(file, { cacheControl: false, etag: false, lastModified: false }, (error) => {
        if (error !== undefined) next(error);
      });
    });
  }
  return router;
}
