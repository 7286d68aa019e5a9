"""Comments on words, with answers; notes of a delegation."""

from opinions.roles import Act
from server.pages import thread_files, threads
from server.routing.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry("GET", "/opinions/{opinion}/threads", Act.THREAD_READ, threads.thread_list),
    Entry("GET", "/opinions/{opinion}/threads.csv", Act.THREAD_READ, thread_files.threads_csv),
    Entry("POST", "/opinions/{opinion}/threads", Act.THREAD_WRITE, threads.begin_thread),
    Entry("POST", "/opinions/{opinion}/threads/{remark}", Act.THREAD_WRITE, threads.change_thread),
)
