// The order's table of the design as a grid, and the walk through it.

import { walksEveryPair } from './grid.js';
import { orderCases } from './order-cases.js';

const raised = (code: string) => ({ appends: [`OrderAttentionRaised ${code}`] });

walksEveryPair('the order, in every pair of state and input', orderCases, {
  seen: ({ status, cancelling, voided }) => ({ status, c: cancelling?.by ?? null, voided }),
  letters: {
    // Refused: as there is no such order; as the caller's command does not fit the state (below for each command); beyond a line's cap.
    '0': { refused: 'order-not-found' },
    t: { refused: 'reference-taken' },
    x: { refused: 'order-not-cancellable' },
    y: { refused: 'order-not-shippable' },
    z: { refused: 'order-not-deliverable' },
    w: { refused: 'order-not-returnable' },
    k: { refused: 'return-exceeds-shipped' },
    // A repeat, or late.
    '.': { appends: [] },
    // Forward.
    O: { appends: ['OrderCreated'], next: { status: 'CREATED' } },
    P: { appends: ['OrderPaymentRequested'], next: { status: 'PENDING_PAYMENT' } },
    A: { appends: ['OrderPaymentAuthorized'], next: { status: 'PAYMENT_AUTHORIZED' } },
    R: { appends: ['OrderInventoryReserved'], next: { status: 'INVENTORY_RESERVED' } },
    C: { appends: ['OrderPaymentCaptured', 'OrderConfirmed'], next: { status: 'CONFIRMED', c: null } },
    S: { appends: ['OrderShipped'], next: { status: 'SHIPPED' } },
    D: { appends: ['OrderDelivered'], next: { status: 'DELIVERED' } },
    // Back.
    U: { appends: ['OrderCancellationRequested'], next: { c: 'customer' } },
    Y: { appends: ['OrderCancellationRequested'], next: { c: 'system' } },
    H: { appends: ['OrderCancellationRequested'] },
    F: { appends: ['OrderPaymentFailed', 'OrderCancelled'], next: { status: 'CANCELLED', c: null } },
    V: { appends: ['OrderPaymentVoided'], next: { status: 'PAYMENT_VOIDED', voided: true } },
    W: { appends: ['OrderPaymentVoided'], next: { voided: true } },
    M: { appends: ['OrderPaymentCaptured'], next: { status: 'PAYMENT_CAPTURED' } },
    B: { appends: ['OrderPaymentRefunded'], next: { status: 'PAYMENT_REFUNDED' } },
    L: { appends: ['OrderInventoryReleased', 'OrderCancelled'], next: { status: 'CANCELLED', c: null } },
    X: { appends: ['OrderCancelled'], next: { status: 'CANCELLED', c: null } },
    // A return, and its refund: the status is kept.
    T: { appends: ['OrderReturnAccepted'] },
    E: { appends: ['OrderPaymentRefunded'] },
    // Attention: what should be impossible, what failed, what is overdue, what somebody raised; and that a person has cleared it.
    i: raised('out-of-step'),
    g: raised('stock-gone'),
    s: raised('payment-captured-without-stock'),
    a: raised('payment-authorized-after-cancellation'),
    c: raised('payment-captured-after-cancellation'),
    f: raised('refund-failed'),
    d: raised('ship-overdue'),
    e: raised('delivery-overdue'),
    h: raised('authorization-expiring'),
    v: raised('void-unresolved'),
    r: raised('refund-unresolved'),
    l: raised('release-unresolved'),
    n: raised('gateway-refused'),
    Q: { appends: ['OrderAttentionCleared'] },
  },
  // By status, and within one:
  // NONE; CREATED; PENDING_PAYMENT: -, c by the customer, c by the system; PAYMENT_AUTHORIZED: the same, then c by the system and c by the
  // customer that have heard of a shortage; PAYMENT_VOIDED: -, customer, system; INVENTORY_RESERVED: -, customer, system, and the three
  // voided; PAYMENT_CAPTURED c: -, refund failed; CONFIRMED: -, with attention, c, c and refund failed; PAYMENT_REFUNDED c: -, refund
  // failed later; SHIPPED: -, with a return, that is refunded, whose refund failed; DELIVERED: -, with a return; CANCELLED: by the
  // customer at once, declined, timed out, for want of stock, by the customer and voided, and refunded, and the refund failed later.
  grid: `
    CreateOrder                             O . ... ..... ... ...... .. .... .. .... .. .......
    CreateOrder (another request)           O t ttt ttttt ttt tttttt tt tttt tt tttt tt ttttttt
    StartOrder                              0 P ... ..... ... ...... .. .... .. .... .. .......
    CancelOrder                             0 X U.U U.UU. U.U U.UU.U .. UU.. .. xxxx xx .......
    CancelOrder (without a note)            0 X U.U U.UU. U.U U.UU.U .. UU.. .. xxxx xx .......
    CancelOrder (with another note)         0 X UxU UxUUx UxU UxUUxU xx UUxx xx xxxx xx x...xxx
    TimeOutPayment                          0 . Y.. ..... ... ...... .. .... .. .... .. .......
    RecordPaymentAuthorized                 0 i AAA ..... ... ...... .. .... .. .... .. aaa....
    RecordPaymentFailed                     0 i FFF iiiii iii iiiiii ii iiii ii iiii ii .......
    RecordPaymentVoided                     0 i FFF VVVVV ... WWW... ii iiii ii iiii ii .......
    RecordPaymentVoided (expired)           0 i FFF VVVVV ... WWW... ii iiii ii iiii ii .......
    RecordPaymentCaptured                   0 s sss sssss sss CMCsss .. .... .. .... .. ccccc..
    RecordCaptureFailed                     0 i iii iiiii iii Y..... .. .... .. .... .. .......
    RecordRefundAccepted                    0 i iii iiiii iii iiiiii BB iiBB .. iiii ii .......
    RecordRefundAccepted (of a return)      0 i iii iiiii iii iiiiii BB iiBB .. iE.E iE .......
    RecordRefundFailed                      0 f fff fffff fff ffffff f. fff. f. ffff ff ffffff.
    RecordRefundFailed (of a return)        0 f fff fffff fff ffffff ff ffff ff fff. ff fffffff
    RecordInventoryReserved                 0 i iii RRRRR ... ...... .. .... .. .... .. iii....
    RecordReservationFailed                 0 i iii YHH.. ... gggggg gg gggg gg gggg gg .......
    ExpireReservation                       0 . ... ..... ... Y..... .. .... .. .... .. .......
    RecordInventoryReleased                 0 i iii iiiii XXX gggLLL gg gggg LL gggg gg .......
    ShipOrder                               0 y yyy yyyyy yyy yyyyyy yy SSyy yy .... .. yyyyyyy
    ShipOrder (with other facts)            0 y yyy yyyyy yyy yyyyyy yy SSyy yy yyyy yy yyyyyyy
    DeliverOrder                            0 z zzz zzzzz zzz zzzzzz zz zzzz zz DDDD .. zzzzzzz
    ReturnOrder                             0 w www wwwww www wwwwww ww wwww ww T... T. wwwwwww
    ReturnOrder (another one)               0 w www wwwww www wwwwww ww wwww ww TTTT TT wwwwwww
    ReturnOrder (more than was shipped)     0 w www wwwww www wwwwww ww wwww ww kkkk kk wwwwwww
    NoticeOverdue shipping                  0 . ... ..... ... ...... .. dd.. .. .... .. .......
    NoticeOverdue delivery                  0 . ... ..... ... ...... .. .... .. eeee .. .......
    NoticeOverdue capture                   0 . ... h.... ... h..... .. .... .. .... .. .......
    NoticeOverdue cancellation              0 . .vv .vvvv .ll .vv.ll rr ..rr ll .... .. .......
    NoticeOverdue return-refund             0 r rrr rrrrr rrr rrrrrr rr rrrr rr rr.r rr rrrrrrr
    RaiseAttention                          0 n nnn nnnnn nnn nnnnnn nn n.nn nn nnnn nn nnnnnnn
    ClearAttention                          0 . ... ..... ... ...... .Q .Q.Q .Q ...Q .. ......Q
  `,
});
