// Microsoft's own libraries against the fake Microsoft: botframework-connector judges its tokens (one line "verdict STATUS
// NAME" each), MSAL and Azure Identity get tokens from it by secret, certificate and managed identity.
//   node tokens.mjs URL SERVICE_URL CERTIFICATE KEY IDENTITY_HEADER

import assert from "node:assert/strict";
import crypto from "node:crypto";
import fs from "node:fs";
import { ManagedIdentityCredential } from "@azure/identity";
import { ConfidentialClientApplication } from "@azure/msal-node";
import {
  AuthenticationConstants, ChannelValidation, JwtTokenValidation, SimpleCredentialProvider,
} from "botframework-connector";

const [url, serviceUrl, certificateFile, keyFile, identityHeader] = process.argv.slice(2);
const holds = (fact) => console.log(`holds: ${fact}`);
const table = await (await fetch(`${url}/test/tokens?service_url=${encodeURIComponent(serviceUrl)}`)).json();
const { app, tenant } = table;

// The only places where the SDK's addresses of keys can be changed; its issuers of the Emulator follow a tenant.
ChannelValidation.OpenIdMetadataEndpoint = `${url}/v1/.well-known/openidconfiguration`;
AuthenticationConstants.ToBotFromEmulatorOpenIdMetadataUrl = `${url}/common/v2.0/.well-known/openid-configuration`;
AuthenticationConstants.ValidTokenIssuerUrlTemplateV2 = `${url}/`;

const provider = new SimpleCredentialProvider(app, "a-password");
const activity = {type: "message", channelId: "msteams", serviceUrl, recipient: {id: "28:bot"}};
const statusOf = async (what, authorization) => {
  try {
    const identity = await JwtTokenValidation.authenticateRequest(what, authorization, provider, "");
    return identity.isAuthenticated ? [200, ""] : [401, "not authenticated"];
  } catch (error) {
    return [401, error.message];
  }
};
for (const {name, authorization} of table.tokens) {
  const [status, why] = await statusOf(activity, authorization);
  console.log(`verdict ${status} ${name}`);
  if (status !== 200) console.log(`why ${name}: ${why}`);
}
for (const authorization of table.emulator) {
  const [status, why] = await statusOf({...activity, channelId: "emulator", serviceUrl: "http://localhost:53423/"}, authorization);
  assert.equal(status, 200, why);
}
holds("botframework-connector takes the Emulator's tokens of both versions");

// MSAL asks login.microsoftonline.com, which is turned to the fake here.
const networkClient = {
  async send(method, address, options = {}) {
    const answer = await fetch(address.replace("https://login.microsoftonline.com", url),
                               {method, headers: options.headers, body: options.body});
    return {status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.json()};
  },
  sendGetRequestAsync(address, options) { return this.send("GET", address, options); },
  sendPostRequestAsync(address, options) { return this.send("POST", address, options); },
};
const authority = `https://login.microsoftonline.com/${tenant}`;
const scopes = ["https://api.botframework.com/.default"];
const byMsal = (credentials) => new ConfidentialClientApplication(
    {auth: {clientId: app, authority, ...credentials}, system: {networkClient}})
    .acquireTokenByClientCredential({scopes, skipCache: true});

const bySecret = await byMsal({clientSecret: "a-client-secret-of-the-test"});
assert.match(bySecret.accessToken, /^granted-/);
assert(bySecret.expiresOn > new Date(Date.now() + 3500e3) && bySecret.expiresOn < new Date(Date.now() + 3700e3));
holds("MSAL gets a token with the client secret");
await assert.rejects(byMsal({clientSecret: "another-secret"}), (error) => {
  assert.equal(error.errorCode, "invalid_client");
  assert.match(error.errorMessage, /AADSTS7000215/);
  return true;
});
holds("MSAL understands why a wrong secret is refused");

const pem = fs.readFileSync(certificateFile, "utf8");
const privateKey = fs.readFileSync(keyFile, "utf8");
const thumbprintSha256 = new crypto.X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();
const byCertificate = await byMsal({clientCertificate: {thumbprintSha256, privateKey}});
assert.match(byCertificate.accessToken, /^granted-/);
holds("MSAL gets a token with an assertion of its own, signed with the certificate's key");
await assert.rejects(byMsal({clientCertificate: {thumbprintSha256: "00".repeat(32), privateKey}}), /700027/);
holds("an assertion that names another certificate is refused");

process.env.IDENTITY_ENDPOINT = `${url}/msi/token`;
process.env.IDENTITY_HEADER = identityHeader;
const appService = await new ManagedIdentityCredential({clientId: app}).getToken(scopes[0]);
assert.match(appService.token, /^granted-/);
assert(appService.expiresOnTimestamp > Date.now() + 3500e3);
holds("Azure Identity gets a token from App Service's identity service");
delete process.env.IDENTITY_ENDPOINT;
delete process.env.IDENTITY_HEADER;
process.env.AZURE_POD_IDENTITY_AUTHORITY_HOST = url;
const machine = await new ManagedIdentityCredential({clientId: app}).getToken(scopes[0]);
assert.match(machine.token, /^granted-/);
holds("Azure Identity gets a token from a machine's metadata service");
process.exit(0);
