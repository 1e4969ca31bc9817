// Writes openapi.json at the top level: the document that the platform serves, for those who want it without starting one.

import { readFileSync, writeFileSync } from 'node:fs';
import { openApiDocument } from '../src/api/rest/openapi.js';
import { allRoutes } from '../src/api/rest/routes/all-routes.js';

const place = (name: string) => new URL(`../${name}`, import.meta.url);
const { version } = JSON.parse(readFileSync(place('package.json'), 'utf8'));
writeFileSync(place('openapi.json'), `${JSON.stringify(openApiDocument(allRoutes, version), null, 2)}\n`);
