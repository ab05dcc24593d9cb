"""Greenroom's pages: set-up and navigation, nothing else. Run it with `streamlit run app.py`."""

import streamlit as st

# Drawn here because Streamlit fetches a named Material icon for the browser's tab from the internet.
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#2f6b4f"/>'
    '<path d="M8 9h16v11H15l-5 4v-4H8z" fill="#fdfdfb"/></svg>'
)

PAGES = [
    st.Page("views/practise.py", title="Practise", icon=":material/mic:", default=True),
    st.Page("views/room.py", title="Interview", url_path="room", visibility="hidden"),
    st.Page("views/scorecard.py", title="Scorecard", icon=":material/task_alt:", url_path="scorecard"),
    st.Page("views/loop.py", title="Parts", url_path="loop", visibility="hidden"),
    st.Page("views/bank.py", title="Question bank", icon=":material/menu_book:", url_path="bank"),
    st.Page("views/followups.py", title="Follow-ups", icon=":material/forum:", url_path="followups"),
    st.Page("views/panel.py", title="Panel", icon=":material/groups:", url_path="panel"),
    st.Page("views/data.py", title="Your data", icon=":material/shield_lock:", url_path="data"),
]

st.set_page_config(page_icon=ICON, layout="centered")
page = st.navigation(PAGES, position="top")
st.set_page_config(page_title=f"{page.title} · Greenroom")
page.run()
