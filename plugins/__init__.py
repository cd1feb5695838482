"""The step types and integrations that come with the engine, each written as a third party would."""
