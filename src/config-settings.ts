// What can be set: each setting with its form, its default and a sentence about it. Where the values come from is in config.ts.

import { z } from 'zod';
import { count, duration, durationForm, list, origins, port, size, url } from './config-values.js';

/** What a default may depend on. */
export interface Surroundings {
  readonly root: boolean;
  readonly terminal: boolean;
}

export interface About {
  readonly text: string;
  /** Completes "it should be ...". */
  readonly form: string;
  /** `null`: unset. */
  readonly default: string | null | ((surroundings: Surroundings) => string);
  /** May also come from a file that `NAME_FILE` names, and is never shown. */
  readonly secret?: boolean;
}

/** What is said of each setting; one that is not in it cannot be read. */
export const about = z.registry<About>();

const lasting = (text: string, length: string) => duration().register(about, { text, form: durationForm, default: length });

/** Every setting, in the order in which they are described. */
export const settings = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).register(about, {
    text: 'What this process is run for; production allows no open access.',
    form: 'development, production or test',
    default: 'development',
  }),
  HOST: z.string().min(1).register(about, {
    text: 'The address to listen on; only a loopback address until access control exists.',
    form: 'a loopback address: 127.0.0.1, ::1 or localhost',
    default: '127.0.0.1',
  }),
  PORT: port().register(about, {
    text: 'The port of the REST API.',
    form: 'a port from 0 to 65535 (0: a free one)',
    default: '8080',
  }),
  PUBLIC_URL: url('http:', 'https:').nullable().register(about, {
    text: 'How clients reach the API; unset: http://localhost with the port that was taken.',
    form: 'an http or https address',
    default: null,
  }),
  DATA_DIR: z
    .string()
    .min(1)
    .register(about, {
      text: 'Where the embedded servers keep their data; another user must be able to traverse the path if Panglot runs as root.',
      form: 'the path of a folder',
      default: ({ root }) => (root ? '/var/lib/panglot' : './.panglot'),
    }),
  ROLES: list(['api', 'projector', 'process-manager']).register(about, {
    text: 'What this process does.',
    form: 'some of api, projector, process-manager, parted by commas, none twice',
    default: 'api,projector,process-manager',
  }),
  EVENTSTORE_URL: url('esdb:', 'esdb+discover:', 'kurrentdb:', 'kurrentdb+discover:').nullable().register(about, {
    text: 'The EventStoreDB to use; unset: the embedded event node.',
    form: 'a connection string such as esdb://localhost:2113?tls=false',
    default: null,
    secret: true,
  }),
  DATABASE_URL: url('postgres:', 'postgresql:').nullable().register(about, {
    text: 'The PostgreSQL to use; unset: an embedded one.',
    form: 'a connection string such as postgres://panglot@localhost:5432/panglot',
    default: null,
    secret: true,
  }),
  EVENT_NODE_PORT: port().register(about, {
    text: 'The loopback port of the embedded event node.',
    form: 'a port from 0 to 65535 (0: a free one)',
    default: '0',
  }),
  STRIPE_API_KEY: z
    .string()
    .regex(/^[sr]k_\w+$/)
    .nullable()
    .register(about, {
      text: "Stripe's key; unset: the payment simulator.",
      form: 'a key that starts with sk_ or rk_',
      default: null,
      secret: true,
    }),
  STRIPE_API_BASE: url('http:', 'https:').nullable().register(about, {
    text: "Where Stripe's API is, if not at its own address; needs STRIPE_API_KEY.",
    form: 'an http or https address',
    default: null,
  }),
  DATABASE_POOL_SIZE: count(1, 1_000).register(about, {
    text: 'Connections to PostgreSQL that this process holds at most.',
    form: 'a whole number from 1 to 1000',
    default: '10',
  }),
  AUTH_MODE: z.literal('open').register(about, {
    text: 'Who may call: open serves whoever reaches a loopback address. Access control does not exist yet.',
    form: 'open, until access control exists',
    default: 'open',
  }),
  CORS_ORIGINS: origins().register(about, {
    text: 'Whose pages may call the API from a browser, beside our own; unset: none.',
    form: 'origins such as https://shop.example, parted by commas, without a path; there is no * while access is open',
    default: null,
  }),
  BODY_LIMIT: size().register(about, {
    text: 'The largest request body.',
    form: 'a size above zero, such as 512kb or 1mb',
    default: '1mb',
  }),
  REQUEST_TIMEOUT: lasting('How long receiving a request may take (not answering it).', '5s'),
  SHUTDOWN_TIMEOUT: lasting('How long stopping may take before it is forced.', '20s'),
  MIN_POSITION_WAIT: lasting('How long a read waits for the position it asks for, unless the request says.', '2s'),
  IDEMPOTENCY_RETENTION: lasting('How long an Idempotency-Key is kept, with the answer to its request.', '24h'),
  PAYMENT_TIMEOUT: lasting('From the payment request until cancellation is requested.', '15m'),
  RESERVATION_EXPIRY: lasting('From the reservation until cancellation is requested.', '30m'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).register(about, {
    text: 'The least important entries that are logged.',
    form: 'trace, debug, info, warn, error, fatal or silent',
    default: 'info',
  }),
  LOG_FORMAT: z.enum(['pretty', 'json']).register(about, {
    text: 'How entries are written.',
    form: 'pretty or json',
    default: ({ terminal }) => (terminal ? 'pretty' : 'json'),
  }),
});
