#pragma once
// Lets background work give way while somebody outside waits for an answer: a detector for its 202, a platform for its
// acknowledgement. An alert that waits for its case loses nothing; a detector that is not answered in time sends again.
//
// One for the program, on the io thread; outlives everything that refers to it.

#include <chrono>

#include "bot/base/async.hpp"

namespace vedette {

class Foreground {
 public:
  // Somebody waits while this lives.
  class Waiting {
   public:
    explicit Waiting(Foreground& foreground) : foreground_(foreground) { ++foreground_.waiting_; }
    ~Waiting() {
      --foreground_.waiting_;
      foreground_.last_ = std::chrono::steady_clock::now();
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;

   private:
    Foreground& foreground_;
  };

  // Before each small piece of background work. Returns once nobody has been waiting for a millisecond; after 100 ms all the
  // same, so that work goes on, slowly, through a flood that never ends. Returns at once when the task is cancelled.
  boost::asio::awaitable<void> calm();

 private:
  bool is_calm() const;

  int waiting_ = 0;
  SteadyTime last_{};  // when somebody last waited
};

}  // namespace vedette
