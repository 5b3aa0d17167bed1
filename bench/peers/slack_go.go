// A bot made with slack-go that acknowledges every request as its examples do. Nothing is stored.
package main

import (
	"os"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

func main() {
	api := slack.New(os.Getenv("SLACK_BOT_TOKEN"), slack.OptionAppLevelToken(os.Getenv("SLACK_APP_TOKEN")),
		slack.OptionAPIURL(os.Getenv("SLACK_API_URL")))
	client := socketmode.New(api)
	go func() {
		for event := range client.Events {
			if event.Request != nil && event.Type == socketmode.EventTypeEventsAPI {
				client.Ack(*event.Request)
			}
		}
	}()
	if err := client.Run(); err != nil {
		os.Exit(1)
	}
}
