// A bot made with Bolt for JavaScript that listens for messages. Bolt acknowledges an event before its listeners run; nothing is
// stored.
import bolt from "@slack/bolt";

const app = new bolt.App({
  token: process.env.SLACK_BOT_TOKEN,
  appToken: process.env.SLACK_APP_TOKEN,
  socketMode: true,
  clientOptions: {slackApiUrl: process.env.SLACK_API_URL},
  logLevel: bolt.LogLevel.ERROR,
});
app.message("status", async () => {});
await app.start();
