// The payment's table of the design as a grid, and the walk through it.

import { walksEveryPair } from './grid.js';
import { paymentCases } from './payment-cases.js';

walksEveryPair('the payment, in every pair of state and input', paymentCases, {
  seen: ({ status, voidWaiting, captured }) => ({ status, voidWaiting, captured }),
  letters: {
    // What should be impossible: whoever asked raises attention on the order.
    x: { refused: 'payment-state' },
    m: { refused: 'refund-exceeds-captured' },
    // A repeat, or late.
    '.': { appends: [] },
    R: { appends: ['PaymentRequested'], next: { status: 'REQUESTED' } },
    G: { appends: ['GatewayPaymentCreated'], next: { status: 'CREATED' } },
    A: { appends: ['PaymentAuthorized'], next: { status: 'AUTHORIZED' } },
    F: { appends: ['PaymentFailed'], next: { status: 'FAILED' } },
    C: { appends: ['PaymentCaptureRequested'], next: { status: 'CAPTURING' } },
    T: { appends: ['PaymentCaptured'], next: { status: 'CAPTURED', captured: 1980, voidWaiting: false } },
    J: { appends: ['PaymentCaptureFailed'], next: { status: 'AUTHORIZED' } },
    V: { appends: ['PaymentVoidRequested'], next: { status: 'VOIDING' } },
    W: { appends: ['PaymentVoided'], next: { status: 'VOIDED' } },
    // A void during a capture: the capture is settled first, and if it fails the void counts.
    u: { appends: ['PaymentVoidRequested'], next: { voidWaiting: true } },
    j: { appends: ['PaymentCaptureFailed'], next: { status: 'VOIDING', voidWaiting: false } },
    // What still comes while it is voiding.
    g: { appends: ['GatewayPaymentCreated'] },
    a: { appends: ['PaymentAuthorized'] },
    // Refunds, and attempts under a new key: the status is kept.
    q: { appends: ['RefundRequested'] },
    b: { appends: ['RefundAccepted'] },
    d: { appends: ['RefundAccepted', 'RefundSucceeded'] },
    e: { appends: ['RefundSucceeded'] },
    f: { appends: ['RefundFailed'] },
    r: { appends: ['PaymentRequested'] },
    c: { appends: ['PaymentCaptureRequested'] },
    v: { appends: ['PaymentVoidRequested'] },
  },
  // By status, and within one:
  // NONE; REQUESTED; CREATED; AUTHORIZED: -, after a capture that failed; CAPTURING: -, while a void waits; CAPTURED: -, refund requested,
  // accepted, succeeded, failed; VOIDING: without an intent, -, authorised, after a capture that failed; VOIDED: never requested, -, after
  // it was authorised, expired; FAILED: -, without an intent.
  grid: `
    RequestPayment                                      R . . .. .. ..... .... .... ..
    RecordGatewayPayment                                x G . .. .. ..... g... .... ..
    RecordGatewayPayment (another intent)               x G x xx xx xxxxx gxxx .xxx x.
    RecordAuthorization                                 x x A .. .. ..... xa.. .... xx
    RecordAuthorization (of another amount)             x x x .. .. ..... xx.. .... xx
    RecordPaymentFailure                                x F F xx xx xxxxx FFxx .... ..
    RequestCapture                                      x x x CC .. ..... .... .... ..
    RecordCapture                                       x x x xx TT ..... xTTT xxxx xx
    RecordCapture (of more)                             x x x xx xx ..... xxxx xxxx xx
    RecordCaptureFailure                                x x x x. Jj ..... xxx. xxxx xx
    RequestVoid                                         W V V VV u. ..... .... .... ..
    RecordVoid                                          x x x xx xx xxxxx WWWW .... ..
    RecordVoid (expired)                                x x x WW .. xxxxx WWWW .... ..
    RequestRefund                                       x x x xx xx q.... xxxx xxxx xx
    RequestRefund (another one)                         x x x xx xx qqqqq xxxx xxxx xx
    RequestRefund (another one, together too much)      x x x xx xx qmmmq xxxx xxxx xx
    RequestRefund (of more than was captured)           x x x xx xx mmmmm xxxx xxxx xx
    RecordRefund accepted                               x x x xx xx xb..x xxxx xxxx xx
    RecordRefund succeeded                              x x x xx xx xde.x xxxx xxxx xx
    RecordRefund failed                                 x x x xx xx xfff. xxxx xxxx xx
    RecordRefund (that nobody asked for)                x x x xx xx xxxxx xxxx xxxx xx
    RenewAttempt of the request                         . r r .. .. ..... .... .... ..
    RenewAttempt of the capture                         . . . .. cc ..... .... .... ..
    RenewAttempt of the void                            . . . .. .. ..... vvvv .... ..
    RenewAttempt of the refund                          . . . .. .. .q... .... .... ..
    RenewAttempt (of another attempt)                   . . . .. .. ..... .... .... ..
  `,
});
