// A Hubot with its Slack adapter that hears messages. The adapter acknowledges an event before it hands it on; nothing is stored.
import {Robot} from "hubot";
import {SocketModeClient} from "@slack/socket-mode";
import {WebClient} from "@slack/web-api";
import {SlackBot} from "@hubot-friends/hubot-slack/src/Bot.mjs";

const slackApiUrl = process.env.SLACK_API_URL;
const appToken = process.env.SLACK_APP_TOKEN;
const botToken = process.env.SLACK_BOT_TOKEN;
const adapter = {
  use: (robot) =>
    new SlackBot(robot, {
      appToken,
      botToken,
      disableUserSync: true,
      socket: new SocketModeClient({appToken, clientOptions: {slackApiUrl}}),
      web: new WebClient(botToken, {slackApiUrl}),
    }),
};
const robot = new Robot(adapter, false, "vedette", "vedette");
await robot.loadAdapter();
robot.hear(/status/, () => {});
await robot.run();
