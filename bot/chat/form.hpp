#pragma once
// What a command still wants to know when somebody presses its button: a form of a few fields, in neutral words. A platform
// that can ask (Slack's modals) does; the others carry the button's command out as it stands, which answers for itself.
// Filled in, a form is a command of the grammar again and takes the way of a typed one: inbox, people, entitlement, handler.
// commands/ implements the port. Plain values; io thread.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vedette::chat {

struct FormField {
  struct Choice {
    std::string value;
    std::string label;
  };
  enum class Kind {
    text,    // with `choices`: one of those
    time,    // a point in time; answered as RFC 3339 in UTC
    person,  // one person; answered as the platform's mention
  };
  Kind kind = Kind::text;
  std::string name;             // by which the answer is known: lower-case letters
  std::string label;            // what is asked
  std::string hint;             // a line below it; may be empty
  std::vector<Choice> choices;  // one of these; none: text
  bool required = true;
  bool several_lines = false;  // of text
  size_t longest = 500;        // characters of text
  std::string initial;         // what stands there at first: text, or a choice's value; may be empty
};

struct Form {
  std::string title;   // 24 characters at most, as is `submit`
  std::string submit;  // on the button that sends it
  std::string intro;   // a sentence above the fields; may be empty
  std::vector<FormField> fields;
  std::string instead;  // what to type where the form cannot be shown
  // The button's own command is carried out at once, and the form only adds to it.
  bool after_the_fact = false;
};

using FormAnswers = std::map<std::string, std::string, std::less<>>;  // by field name; absent: left empty

struct FilledForm {
  std::string command;                        // empty when something is wrong
  std::map<std::string, std::string> errors;  // field name → a sentence
};

class Forms {
 public:
  virtual ~Forms() = default;
  // The form this command asks for when it comes from a button or shortcut; nothing: it is complete, or has none.
  virtual std::optional<Form> form_of(std::string_view command) const = 0;
  // The same command, completed with the answers, which are checked: they come from outside.
  virtual FilledForm fill(std::string_view command, const FormAnswers& answers) const = 0;
};

}  // namespace vedette::chat
