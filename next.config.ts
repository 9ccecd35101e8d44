import type { NextConfig } from 'next';

const config: NextConfig = {
  poweredByHeader: false,
  reactStrictMode: true,
  // Both are loaded by Node itself: pg finds its optional native half, pino its transports.
  serverExternalPackages: ['pg', 'pino'],
  // No image is ever resized here, so the endpoint that would do it stays shut.
  images: { unoptimized: true },
  headers: async () => [
    {
      // Pages and doors get theirs, with the policy and its nonce, from proxy.ts.
      source: '/_next/static/:path*',
      headers: [
        { key: 'X-Content-Type-Options', value: 'nosniff' },
        { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
      ],
    },
  ],
};

export default config;
