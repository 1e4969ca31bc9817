// The routes of payments: they are read only, for what changes a payment is its order.

import { z } from 'zod';
import { paymentById, paymentList } from '../../../projections/payments/payment-queries.js';
import { paymentStatus, paymentView } from '../../../projections/payments/payment-view.js';
import { revisionTag } from '../entity-tags.js';
import * as fields from '../fields.js';
import { read } from '../read-route.js';
import type { Route } from '../route.js';
import { anyOf, listRoute } from './list-route.js';

export const paymentRoutes: readonly Route[] = [
  listRoute({
    path: '/payments',
    operation: 'payments.read',
    summary: 'List payments, newest first',
    model: 'payments',
    item: paymentView,
    list: paymentList,
    sorts: ['-createdAt', 'createdAt'],
    filters: {
      status: anyOf(paymentStatus, 'Payments of this status', 'FAILED'),
      orderId: anyOf(fields.uuid, 'Payments of this order', '0197a6c2-5f0e-7c3a-9d41-6b8e2f10a7d5'),
    },
    ranges: ['createdAt'],
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
    etag: ({ revision }) => revisionTag(revision),
  }),
];
