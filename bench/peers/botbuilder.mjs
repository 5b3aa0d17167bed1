// A bot made with Microsoft's botbuilder: checks the token of every activity and does nothing with it; nothing is stored. Prints its
// port, serves until it is killed.
//   node botbuilder.mjs APP-ID TENANT OPENID-METADATA-URL ISSUER
import http from "node:http";
import {CloudAdapter, ConfigurationBotFrameworkAuthentication} from "botbuilder";

const [appId, tenant, metadata, issuer] = process.argv.slice(2);
const authentication = new ConfigurationBotFrameworkAuthentication({
  MicrosoftAppId: appId,
  MicrosoftAppPassword: "unused-as-nothing-is-sent",
  MicrosoftAppTenantId: tenant,
  MicrosoftAppType: "SingleTenant",
  ValidateAuthority: "true",
  ToChannelFromBotLoginUrl: `https://login.microsoftonline.com/${tenant}`,
  ToChannelFromBotOAuthScope: "https://api.botframework.com",
  ToBotFromChannelTokenIssuer: issuer,
  OAuthUrl: "https://api.botframework.com",
  ToBotFromChannelOpenIdMetadataUrl: metadata,
  ToBotFromEmulatorOpenIdMetadataUrl: metadata,
  CallerId: "urn:botframework:azure",
});
const adapter = new CloudAdapter(authentication);

const server = http.createServer((request, response) => {
  const pieces = [];
  request.on("data", (piece) => pieces.push(piece));
  request.on("end", () => {
    request.body = JSON.parse(Buffer.concat(pieces).toString());
    // What botbuilder calls on an express response.
    response.status = (code) => {
      response.statusCode = code;
      return response;
    };
    response.header = (name, value) => response.setHeader(name, value);
    response.send = (body) => response.write(typeof body === "string" ? body : JSON.stringify(body));
    adapter.process(request, response, async () => {}).catch((error) => {
      console.error(error.message);
      response.statusCode = 500;
      response.end();
    });
  });
});
server.listen(0, "127.0.0.1", () => console.log(`port=${server.address().port}`));
