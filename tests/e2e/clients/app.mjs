// An app: discovers the server, sends a person to it, and goes on with what the person's browser brings back. It prints
// the address for the browser, reads the one that the browser was sent to, and prints one line of JSON with what it found,
// by `oauth4webapi` or by `openid-client`.
import { createInterface } from 'node:readline/promises'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'

const asked = JSON.parse(process.argv[2])
const { issuer, clientId, secret, redirectUri, scope, pushed, bound, wrongIssuer } = asked
const question = JSON.stringify({ query: '{ viewer { roles } }' })
const json = new Headers({ 'content-type': 'application/json' })
const graphql = new URL(`${issuer}/graphql`)
const told = { oauth4webapi: byOauth, 'openid-client': byOpenid }
console.log(JSON.stringify(await told[asked.library]()))
process.exit(0)

async function comeBack(url) {
  console.log(JSON.stringify({ url: url.href }))
  const lines = createInterface({ input: process.stdin })
  const back = new URL(await lines[Symbol.asyncIterator]().next().then((line) => line.value))
  lines.close()
  if (wrongIssuer) back.searchParams.set('iss', wrongIssuer)
  return back
}

async function byOauth() {
  const options = { [oauth.allowInsecureRequests]: true }
  const server = await oauth.processDiscoveryResponse(
    new URL(issuer), await oauth.discoveryRequest(new URL(issuer), { algorithm: 'oauth2', ...options }),
  )
  const client = { client_id: clientId }
  const proof = secret ? oauth.ClientSecretBasic(secret) : oauth.None()
  if (bound) options.DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
  const verifier = oauth.generateRandomCodeVerifier()
  const state = oauth.generateRandomState()
  const wanted = {
    client_id: clientId, response_type: 'code', redirect_uri: redirectUri, scope, state, code_challenge_method: 'S256',
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  }
  const url = new URL(server.authorization_endpoint)
  if (pushed) {
    const answer = await oauth.processPushedAuthorizationResponse(
      server, client, await oauth.pushedAuthorizationRequest(server, client, proof, wanted, options),
    )
    url.search = new URLSearchParams({ client_id: clientId, request_uri: answer.request_uri })
  } else url.search = new URLSearchParams(wanted)
  let answer
  try {
    answer = oauth.validateAuthResponse(server, client, await comeBack(url), state)
  } catch (error) {
    return { refused: error.error ?? error.message }
  }
  const first = await oauth.processAuthorizationCodeResponse(
    server, client,
    await oauth.authorizationCodeGrantRequest(server, client, proof, answer, redirectUri, verifier, options),
  )
  const second = await oauth.processRefreshTokenResponse(
    server, client, await oauth.refreshTokenGrantRequest(server, client, proof, first.refresh_token, options),
  )
  const ask = async (tokens) => {
    try {
      const found = await oauth.protectedResourceRequest(tokens.access_token, 'POST', graphql, json, question, options)
      return { status: found.status, body: await found.json() }
    } catch (error) {
      return { status: error.status }
    }
  }
  const look = async (token) =>
    secret &&
    oauth.processIntrospectionResponse(
      server, client, await oauth.introspectionRequest(server, client, proof, token, options),
    )
  const before = [await ask(second), await look(second.refresh_token)]
  await oauth.processRevocationResponse(
    await oauth.revocationRequest(server, client, proof, second.refresh_token, options),
  )
  return report(first, second, before, [await ask(second), await look(second.refresh_token)])
}

async function byOpenid() {
  const config = await openid.discovery(
    new URL(issuer), clientId, undefined, secret ? openid.ClientSecretBasic(secret) : openid.None(),
    { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] },
  )
  const options = {}
  if (bound) options.DPoP = openid.getDPoPHandle(config, await openid.randomDPoPKeyPair('ES256'))
  const verifier = openid.randomPKCECodeVerifier()
  const state = openid.randomState()
  const wanted = {
    redirect_uri: redirectUri, scope, state, code_challenge_method: 'S256',
    code_challenge: await openid.calculatePKCECodeChallenge(verifier),
  }
  const url = pushed
    ? await openid.buildAuthorizationUrlWithPAR(config, wanted, options)
    : openid.buildAuthorizationUrl(config, wanted)
  const back = await comeBack(url)
  let first
  try {
    first = await openid.authorizationCodeGrant(
      config, back, { pkceCodeVerifier: verifier, expectedState: state }, undefined, options,
    )
  } catch (error) {
    return { refused: error.error ?? error.message }
  }
  const second = await openid.refreshTokenGrant(config, first.refresh_token, undefined, options)
  const ask = async (tokens) => {
    try {
      const found = await openid.fetchProtectedResource(
        config, tokens.access_token, graphql, 'POST', question, json, options,
      )
      return { status: found.status, body: await found.json() }
    } catch (error) {
      return { status: error.status ?? error.cause?.status }
    }
  }
  const look = async (token) => secret && openid.tokenIntrospection(config, token)
  const before = [await ask(second), await look(second.refresh_token)]
  await openid.tokenRevocation(config, second.refresh_token)
  return report(first, second, before, [await ask(second), await look(second.refresh_token)])
}

function report(first, second, before, after) {
  const { token_type, expires_in, scope, resource } = first
  return { token_type, expires_in, scope, resource, rotated: first.refresh_token !== second.refresh_token, before, after }
}
