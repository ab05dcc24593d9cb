"""Everyone in the room: observer, policy, interviewer, assessor, and the session that brings them together."""
