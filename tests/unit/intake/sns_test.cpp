#include "bot/intake/sns.hpp"

#include <gtest/gtest.h>

namespace vedette::intake {
namespace {

TEST(SnsConfirmUrl, only_amazon_sns) {
  for (const char* good :
       {"https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:eu-west-1:1:t&Token=2336",
        "https://sns.us-gov-west-1.amazonaws.com:443/?Action=ConfirmSubscription&Token=1",
        "https://sns.cn-north-1.amazonaws.com.cn/?Action=ConfirmSubscription&Token=1",
        "https://sns.eu-west-1.amazonaws.com?Action=ConfirmSubscription"}) {
    EXPECT_TRUE(is_sns_confirm_url(good)) << good;
  }
  for (const char* bad : {"",
                          "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
                          "https://sns.eu-west-1.amazonaws.com.evil.example/?Action=ConfirmSubscription",
                          "https://evil.example/?x=sns.eu-west-1.amazonaws.com&Action=ConfirmSubscription",
                          "https://sns.eu-west-1.amazonaws.com@evil.example/?Action=ConfirmSubscription",
                          "https://user@sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
                          "https://sns.eu-west-1.amazonaws.com:8443/?Action=ConfirmSubscription",
                          "https://sns.a.b.amazonaws.com/?Action=ConfirmSubscription",
                          "https://sns..amazonaws.com/?Action=ConfirmSubscription",
                          "https://sns.amazonaws.com/?Action=ConfirmSubscription",
                          "https://xsns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
                          "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe",
                          "https://sns.eu-west-1.amazonaws.com/evil?Action=ConfirmSubscription",
                          "https://sns.eu-west-1.amazonaws.com/",
                          "https://sns.eu-west-1.amazonaws.com",
                          "https://sns.eu-west-1.amazonaws.com\\@evil.example/?Action=ConfirmSubscription",
                          "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription#x",
                          "https://SNS.eu-west-1.amazonaws.com/ ?Action=ConfirmSubscription",
                          "https://169.254.169.254/latest?Action=ConfirmSubscription",
                          "https://sns.eu-west-1.amazonaws.com/?XAction=ConfirmSubscription",
                          "https://sns.eu-west-1.amazonaws.com/\r\nHost: evil?Action=ConfirmSubscription"}) {
    EXPECT_FALSE(is_sns_confirm_url(bad)) << bad;
  }
}

TEST(SnsType, told_apart) {
  const auto type = [](const char* json) { return sns_type(*Json::parse(json)); };
  EXPECT_EQ(SnsType::notification, type(R"({"Type":"Notification","MessageId":"m","TopicArn":"a","Message":"x"})"));
  EXPECT_EQ(SnsType::unsubscribe_confirmation, type(R"({"Type":"UnsubscribeConfirmation","MessageId":"m","TopicArn":"a"})"));
  EXPECT_EQ(SnsType::subscription_confirmation,
            type(R"({"Records":[{"Sns":{"Type":"SubscriptionConfirmation","MessageId":"m","TopicArn":"a"}}]})"));
  EXPECT_EQ(SnsType::none, type(R"({"Type":"SubscriptionConfirmation"})"));
  EXPECT_EQ(SnsType::none, type("[]"));
}

}  // namespace
}  // namespace vedette::intake
