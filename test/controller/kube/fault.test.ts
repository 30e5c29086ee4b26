import test from 'ava';
import { Fault, faultOf, faultOfAnswer, faultOfStatus } from '../../../controller/kube/fault.ts';
import type { FaultKey } from '../../../domain/faults.ts';

interface Situation {
  readonly code: number;
  readonly text: string | object;
  readonly headers?: Record<string, string>;
}

const understood = test.macro((t, { code, text, headers = {} }: Situation, key: FaultKey) => {
  const body = typeof text === 'string' ? text : JSON.stringify({ kind: 'Status', ...text });
  t.is(faultOfAnswer({ code, headers, text: body }, false).key, key);
});

test(
  'an overloaded server that answers in plain text asks to come back later',
  understood,
  {
    code: 429,
    text: 'Too many requests, please try again later.\n',
    headers: { 'retry-after': '1' },
  },
  'TooManyRequests',
);
test(
  'a kind whose storage is starting is told from overload',
  understood,
  {
    code: 429,
    text: { message: 'storage is (re)initializing', reason: 'TooManyRequests' },
  },
  'StorageStarting',
);
test(
  'a disruption budget is told from overload',
  understood,
  {
    code: 429,
    text: { reason: 'TooManyRequests', details: { causes: [{ reason: 'DisruptionBudget' }] } },
  },
  'DisruptionBudget',
);
test(
  'a list that is too old is expired',
  understood,
  { code: 410, text: { reason: 'Expired' } },
  'Expired',
);
test(
  'an absent object is not found',
  understood,
  {
    code: 404,
    text: { reason: 'NotFound', details: { name: 'none', kind: 'pods' } },
  },
  'NotFound',
);
test(
  'an absent kind is told in plain text',
  understood,
  { code: 404, text: '404 page not found\n' },
  'KindAbsent',
);
test(
  'an absent kind of a known group is told by a Status without details',
  understood,
  {
    code: 404,
    text: { message: 'the server could not find the requested resource', details: {} },
  },
  'KindAbsent',
);
test(
  'a name that is taken is not a conflict',
  understood,
  { code: 409, text: { reason: 'AlreadyExists' } },
  'AlreadyExists',
);
test(
  'an object that has changed is a conflict',
  understood,
  { code: 409, text: { reason: 'Conflict' } },
  'Conflict',
);
test(
  'an object that was made anew is a conflict, though the server calls it invalid',
  understood,
  {
    code: 422,
    text: { reason: 'Invalid', details: { causes: [{ field: 'metadata.uid' }] } },
  },
  'Conflict',
);
test(
  'a namespace that ends is told from a missing right',
  understood,
  {
    code: 403,
    text: { reason: 'Forbidden', details: { causes: [{ reason: 'NamespaceTerminating' }] } },
  },
  'NamespaceEnding',
);
test(
  'a missing right is forbidden',
  understood,
  { code: 403, text: { reason: 'Forbidden' } },
  'Forbidden',
);
test(
  'a webhook that says no is told from a missing right',
  understood,
  {
    code: 403,
    text: { message: 'admission webhook "h.lab.dev" denied the request: no tea' },
  },
  'DeniedByAdmission',
);
test(
  'a policy that says no may call it invalid',
  understood,
  {
    code: 422,
    text: {
      message: `pods "a" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no`,
    },
  },
  'DeniedByAdmission',
);
test(
  'a webhook that does not answer is told from a broken server',
  understood,
  {
    code: 500,
    text: { message: 'Internal error occurred: failed calling webhook "h.lab.dev": …' },
  },
  'AdmissionUnavailable',
);
test(
  'a version from the future is told from a slow server',
  understood,
  {
    code: 504,
    text: { reason: 'Timeout', details: { causes: [{ reason: 'ResourceVersionTooLarge' }] } },
  },
  'ServerBehind',
);
test(
  'a gateway that found no server is a failure of the server',
  understood,
  { code: 502, text: '<html>' },
  'ServerFailed',
);
test('a login page is not an API server', understood, { code: 302, text: '' }, 'Garbled');
test(
  'a body that is too large is a mistake in the request',
  understood,
  { code: 413, text: {} },
  'BadRequest',
);

test('an error in a stream is understood like an answer', (t) => {
  const fault = faultOfStatus(
    { kind: 'Status', reason: 'Expired', code: 410, message: 'too old' },
    false,
  );
  t.is(fault.key, 'Expired');
  t.is(fault.status, 410);
});

test('a refused write says nothing of what was written', (t) => {
  const secret = 'PASSWORD=hunter2';
  const message = ` "" is invalid: patch: Invalid value: "{…${secret}…}": strict decoding error: unknown field "spec.nope"`;
  const text = JSON.stringify({ kind: 'Status', message, reason: 'Invalid', code: 422 });
  const fault = faultOfAnswer({ code: 422, headers: {}, text }, true);
  t.is(fault.key, 'Invalid');
  t.is(fault.reason, 'Invalid');
  t.notRegex(JSON.stringify(fault) + fault.message + String(fault.stack), /hunter2/);
});

test('a refused write says which webhook refused it', (t) => {
  const message = 'admission webhook "h.lab.dev" denied the request: PASSWORD=hunter2';
  const fault = faultOfAnswer(
    { code: 400, headers: {}, text: JSON.stringify({ kind: 'Status', message }) },
    true,
  );
  t.is(fault.deniedBy, 'h.lab.dev');
  t.notRegex(fault.message, /hunter2/);
  t.regex(fault.message, /h\.lab\.dev/);
});

test('what a read was refused for is quoted, in one short line', (t) => {
  const text = JSON.stringify({ kind: 'Status', message: `first\n${'x'.repeat(5_000)}` });
  const { message } = faultOfAnswer({ code: 403, headers: {}, text }, false);
  t.regex(message, /first x/);
  t.true(message.length < 300);
  t.notRegex(message, /\n/);
});

const pauseAsked = (headers: Record<string, string>, details: object) =>
  faultOfAnswer({ code: 429, headers, text: JSON.stringify({ kind: 'Status', details }) }, false)
    .retryAfterMs;

test('the wish to come back later is read from the head and from the Status, and has a limit', (t) => {
  t.is(pauseAsked({ 'retry-after': '7' }, { retryAfterSeconds: 3 }), 7_000);
  t.is(pauseAsked({}, { retryAfterSeconds: 3 }), 3_000);
  t.is(pauseAsked({}, {}), undefined);
  t.is(pauseAsked({ 'retry-after': 'Fri, 31 Dec 1999 23:59:59 GMT' }, {}), undefined);
  t.is(pauseAsked({ 'retry-after': '86400' }, {}), 300_000);
});

const named = test.macro((t, code: string, key: FaultKey) => {
  t.is(faultOf(Object.assign(new Error('x'), { code })).key, key);
});
test('a closed port is unreachable', named, 'ECONNREFUSED', 'Unreachable');
test('a name that cannot be resolved is unreachable', named, 'ENOTFOUND', 'Unreachable');
test(
  'a connection that is not made in time is unreachable',
  named,
  'UND_ERR_CONNECT_TIMEOUT',
  'Unreachable',
);
test('a reset is a broken connection', named, 'ECONNRESET', 'ConnectionBroken');
test(
  'a socket that closes early is a broken connection',
  named,
  'UND_ERR_SOCKET',
  'ConnectionBroken',
);
test(
  'a body of another length is a broken connection',
  named,
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'ConnectionBroken',
);
test('what is no HTTP is garbled', named, 'HPE_INVALID_CONSTANT', 'Garbled');
test(
  'a certificate of another authority is not trusted',
  named,
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UntrustedCertificate',
);
test(
  'a certificate for another name is not trusted',
  named,
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UntrustedCertificate',
);

test('a mistake of ours is called one, and keeps its stack', (t) => {
  const mistake = new TypeError('x is not a function');
  const fault = faultOf(mistake);
  t.is(fault.key, 'Unexpected');
  t.is(fault.cause, mistake);
});

test('a fault stays what it is', (t) => {
  const fault = new Fault('Conflict');
  t.is(faultOf(fault), fault);
});
