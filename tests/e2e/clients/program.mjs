// A vendor's program: discovers the server, gets a token, asks a question, looks into the token, ends it. It prints one
// line of JSON with what it found, by `oauth4webapi` or by `openid-client`.
import { webcrypto } from 'node:crypto'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'

const asked = JSON.parse(process.argv[2])
const { issuer, clientId, secret, jwk, resource } = asked
const question = '{ learners(first: 1) { nodes { givenName } } }'
const told = { oauth4webapi: byOauth, 'openid-client': byOpenid }
console.log(JSON.stringify(await told[asked.library]()))

async function key() {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
  return { key: await webcrypto.subtle.importKey('jwk', jwk, algorithm, false, ['sign']), kid: jwk.kid }
}

async function ask(token) {
  const answer = await fetch(`${issuer}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: question }),
  })
  return { status: answer.status, body: await answer.json() }
}

async function byOauth() {
  const options = { [oauth.allowInsecureRequests]: true }
  const url = new URL(issuer)
  const server = await oauth.processDiscoveryResponse(
    url, await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...options }),
  )
  const client = { client_id: clientId }
  const proof = () => secretOrKey(oauth)
  const found = await oauth.processClientCredentialsResponse(
    server, client,
    await oauth.clientCredentialsGrantRequest(server, client, await proof(), { resource }, options),
  )
  const look = async () =>
    oauth.processIntrospectionResponse(
      server, client, await oauth.introspectionRequest(server, client, await proof(), found.access_token, options),
    )
  const before = [await ask(found.access_token), await look()]
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, await proof(), found.access_token, options),
  )
  return report(found, before, [await ask(found.access_token), await look()])
}

async function byOpenid() {
  const config = await openid.discovery(new URL(issuer), clientId, undefined, await secretOrKey(openid), {
    algorithm: 'oauth2',
    execute: [openid.allowInsecureRequests],
  })
  const found = await openid.clientCredentialsGrant(config, { resource })
  const before = [await ask(found.access_token), await openid.tokenIntrospection(config, found.access_token)]
  await openid.tokenRevocation(config, found.access_token)
  const after = [await ask(found.access_token), await openid.tokenIntrospection(config, found.access_token)]
  return report(found, before, after)
}

async function secretOrKey(library) {
  return secret ? library.ClientSecretBasic(secret) : library.PrivateKeyJwt(await key())
}

function report(found, before, after) {
  const { token_type, expires_in, scope } = found
  return { token_type, expires_in, scope, before, after }
}
