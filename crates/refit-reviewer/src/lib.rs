//! A second opinion: objections to a plan, found without the planner's code.
