from contacts import gate_urls, log_urls, message_urls, plan_urls

app_name = "contacts"
urlpatterns = [
    *log_urls.urlpatterns,
    *message_urls.urlpatterns,
    *plan_urls.urlpatterns,
    *gate_urls.urlpatterns,
]
