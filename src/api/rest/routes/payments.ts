// The routes of payments: they are read only, for what changes a payment is its order.

import { z } from 'zod';
import { listPayments, paymentById } from '../../../projections/payments/payment-queries.js';
import { paymentView } from '../../../projections/payments/payment-view.js';
import { newestFirstCursor } from '../../../projections/shapes.js';
import * as fields from '../fields.js';
import { read } from '../read-route.js';
import type { Route } from '../route.js';
import { listOf, listQuery, placeIn, showPage } from './lists.js';

const paymentsQuery = z.strictObject({ ...listQuery, orderId: fields.uuid.optional() });
const paymentList = ({ orderId }: z.output<typeof paymentsQuery>) => `payments${JSON.stringify({ orderId })}`;

export const paymentRoutes: readonly Route[] = [
  read({
    path: '/payments',
    operation: 'payments.read',
    summary: 'List payments, newest first',
    model: 'payments',
    query: paymentsQuery,
    answer: listOf(paymentView),
    problems: ['cursor-invalid'],
    find: ({ query }, { sql }) =>
      listPayments(sql, {
        limit: query.limit,
        cursor: placeIn(paymentList(query), query.cursor, newestFirstCursor),
        filter: query.orderId === undefined ? {} : { orderId: query.orderId },
      }),
    show: (page, { query }, position) => showPage(paymentList(query), page, query.limit, position),
  }),
  read({
    path: '/payments/{id}',
    operation: 'payments.read',
    summary: 'Read a payment',
    model: 'payments',
    params: z.strictObject({ id: fields.uuid }),
    answer: paymentView,
    find: ({ params }, { sql }) => paymentById(sql, params.id),
    show: (view) => view,
    etag: ({ revision }) => `"${revision}"`,
  }),
];
