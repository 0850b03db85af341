// A school's own sign-in, by npm's `oidc-provider`: whoever comes is signed in as the person that the last line on
// standard input names, without being asked.
//
//   node school.mjs '{"issuer": "...", "clientId": "...", "secret": "...", "redirect": "..."}'
//
// Lines in: {"sub": "...", "claims": {"hd": "..."}} or {"error": "access_denied"}. Lines out: {"ready": true}, {"set": true}.
import { createInterface } from 'node:readline'
import { generateKeyPair, exportJWK } from 'jose'
import Provider from 'oidc-provider'

const asked = JSON.parse(process.argv[2])
const print = (line) => process.stdout.write(JSON.stringify(line) + '\n')
const { privateKey } = await generateKeyPair('RS256', { extractable: true })
let who = { error: 'access_denied' }

const provider = new Provider(asked.issuer, {
  clients: [{
    client_id: asked.clientId,
    client_secret: asked.secret,
    redirect_uris: [asked.redirect],
  }],
  claims: { openid: ['sub', 'amr', 'hd', 'tid', 'email'] },
  conformIdTokenClaims: false,
  cookies: { keys: ['a key of this process'] },
  features: { devInteractions: { enabled: false } },
  findAccount: (_, sub) => ({ accountId: sub, claims: () => ({ sub, ...who.claims }) }),
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig', kid: 'school' }] },
  pkce: { required: () => true },
})

provider.use(async (context, next) => {
  if (!context.path.startsWith('/interaction/')) return next()
  const { params } = await provider.interactionDetails(context.req, context.res)
  if (who.error) return provider.interactionFinished(context.req, context.res, { error: who.error })
  const grant = new provider.Grant({ accountId: who.sub, clientId: params.client_id })
  grant.addOIDCScope('openid')
  const consent = { grantId: await grant.save() }
  const result = { login: { accountId: who.sub, amr: who.amr, remember: false }, consent }
  await provider.interactionFinished(context.req, context.res, result)
  context.respond = false
})

provider.listen(new URL(asked.issuer).port, '127.0.0.1', () => print({ ready: true }))
createInterface({ input: process.stdin }).on('line', (line) => {
  who = JSON.parse(line)
  print({ set: true })
}).on('close', () => process.exit(0))
