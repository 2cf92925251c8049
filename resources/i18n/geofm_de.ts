<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name>GeoFM</name>
    <message>
        <location filename="../../plugin.py"/>
        <source>GeoFM</source>
        <translation>GeoFM</translation>
    </message>
    <message>
        <location filename="../../plugin.py"/>
        <source>Show or hide GeoFM: foundation models for maps</source>
        <translation>GeoFM zeigen oder verbergen: Basismodelle für Karten</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Your own model</source>
        <translation>Eigenes Modell</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>A network as ONNX, a card with its files, an item of a catalogue, a classifier.</source>
        <translation>Ein Netz als ONNX, eine Modellkarte mit ihren Dateien, ein Katalogeintrag, ein Klassifikator.</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Add a file</source>
        <translation>Datei hinzufügen</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>What the file does not say itself is asked for</source>
        <translation>Was die Datei nicht selbst sagt, wird erfragt</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>I trust who made this file: its code may run</source>
        <translation>Ich vertraue dem Ersteller der Datei: Ihr Code darf laufen</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Kept for this very file, by its digest; TorchScript is code, ONNX is not</source>
        <translation>Gilt nur für genau diese Datei (nach ihrer Prüfsumme); TorchScript ist Code, ONNX nicht</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Models (*.onnx *.json *.geofm *.pt *.pth *.yaml *.yml)</source>
        <translation>Modelle (*.onnx *.json *.geofm *.pt *.pth *.yaml *.yml)</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Add a model</source>
        <translation>Modell hinzufügen</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>{} is added. It serves: {}.</source>
        <translation>{} ist hinzugefügt. Es dient für: {}.</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Add {}</source>
        <translation>{} hinzufügen</translation>
    </message>
    <message>
        <location filename="../../ui/add_model.py"/>
        <source>Stopped.</source>
        <translation>Abgebrochen.</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>No polygons</source>
        <translation>Keine Polygone</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>Only pixels in these polygons are computed; the rest has no data</source>
        <translation>Nur Pixel in diesen Polygonen werden gerechnet; der Rest hat keine Daten</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>Only selected polygons</source>
        <translation>Nur ausgewählte Polygone</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>Those that are selected in the layer when the run begins</source>
        <translation>Die beim Start des Laufs im Layer ausgewählten</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>Select polygons of {}, or take all of them in Options.</source>
        <translation>Polygone von {} auswählen, oder in den Optionen alle nehmen.</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>{} polygons of {} only</source>
        <translation>nur {} Polygone von {}</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>in {} only</source>
        <translation>nur in {}</translation>
    </message>
    <message>
        <location filename="../../ui/area_choice.py"/>
        <source>The folder {} cannot be made.</source>
        <translation>Der Ordner {} kann nicht angelegt werden.</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Difference in what a model sees</source>
        <translation>Unterschied für ein Modell</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Compares each place and its surroundings as a model sees them on both dates.</source>
        <translation>Vergleicht jeden Ort und seine Umgebung so, wie ein Modell sie an beiden Terminen sieht.</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Statistical (no model)</source>
        <translation>Statistisch (ohne Modell)</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Finds what breaks the usual relation of the bands of both dates (IR-MAD).</source>
        <translation>Findet, was aus dem üblichen Zusammenhang der Kanäle beider Termine fällt (IR-MAD).</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Plain difference of the bands</source>
        <translation>Differenz der Kanäle</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Subtracts one date from the other: simple, and quickly misled by light and noise.</source>
        <translation>Zieht einen Termin vom anderen ab: einfach, aber leicht von Licht und Rauschen getäuscht.</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Taught by examples</source>
        <translation>Aus Beispielen gelernt</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Learns from places that you labelled which differences count as change.</source>
        <translation>Lernt aus gelabelten Orten, welche Unterschiede als Änderung zählen.</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Compare two class maps</source>
        <translation>Klassenkarten vergleichen</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Maps both dates with a classifier of yours or a model and says what became what.</source>
        <translation>Kartiert beide Termine mit einem Klassifikator oder Modell und sagt, was woraus wurde.</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>When did it change? (many dates)</source>
        <translation>Wann? (viele Termine)</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Finds the date at which an index such as NDVI left its usual course, season and all.</source>
        <translation>Findet den Tag, an dem ein Index wie NDVI seinen gewohnten Verlauf samt Jahreszeit verließ.</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>By false alarms</source>
        <translation>Nach Fehlalarmen</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>By hand</source>
        <translation>Von Hand</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>From which magnitude on a place counts as changed; a slider moves it later</source>
        <translation>Ab welcher Stärke ein Ort als geändert gilt; ein Regler verschiebt sie später</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source> %</source>
        <translation> %</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>So much of the unchanged ground may be called change</source>
        <translation>So viel vom unveränderten Boden darf Änderung heißen</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Magnitude; the legend of an earlier run shows its range</source>
        <translation>Stärke; die Legende eines früheren Laufs zeigt ihren Bereich</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Match both dates</source>
        <translation>Termine angleichen</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Brings the later date to the earlier one, band by band</source>
        <translation>Bringt den späteren Termin Kanal für Kanal zum früheren</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Correct a shift</source>
        <translation>Versatz korrigieren</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Tell a shift</source>
        <translation>Versatz nur melden</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Do not look for a shift</source>
        <translation>Nicht prüfen</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Whether the dates lie on one another, to parts of a pixel</source>
        <translation>Ob die Termine aufeinanderliegen, auf Bruchteile eines Pixels</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Leave out</source>
        <translation>Weglassen</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Leave out, by a band</source>
        <translation>Weglassen (per Kanal)</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Leave out, by a model</source>
        <translation>Weglassen (per Modell)</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Compare them too</source>
        <translation>Mitvergleichen</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Clouds, their shadows, snow and fill: by a band such as Fmask or SCL, else by a model</source>
        <translation>Wolken, ihre Schatten, Schnee und Füllwerte: nach einem Kanal wie Fmask oder SCL, sonst durch ein Modell</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Light</source>
        <translation>Licht</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Position</source>
        <translation>Lage</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Clouds</source>
        <translation>Wolken</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>A classifier of yours</source>
        <translation>Eigener Klassifikator</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>A model that maps classes</source>
        <translation>Ein Modell, das Klassen kartiert</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>Whose classes of both dates are compared</source>
        <translation>Wessen Klassen beider Termine verglichen werden</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>NDVI, or the only band</source>
        <translation>NDVI, oder der einzige Kanal</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>NBR: fire, felling</source>
        <translation>NBR: Feuer, Einschlag</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>NDMI: drought</source>
        <translation>NDMI: Trockenheit</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>NDWI: water</source>
        <translation>NDWI: Wasser</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>MNDWI: water, built-up</source>
        <translation>MNDWI: Wasser, Bebauung</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>NDRE: crops</source>
        <translation>NDRE: Feldfrüchte</translation>
    </message>
    <message>
        <location filename="../../ui/change_methods.py"/>
        <source>What is followed through the dates</source>
        <translation>Was durch die Termine verfolgt wird</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>How the two dates are compared</source>
        <translation>Wie die beiden Termine verglichen werden</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Add a folder of dates…</source>
        <translation>Ordner mit Terminen hinzufügen…</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Every raster of a folder whose name or metadata say its date</source>
        <translation>Jedes Raster eines Ordners, dessen Name oder Metadaten sein Datum sagen</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Points or polygons on places that changed, and on some that did not</source>
        <translation>Punkte oder Polygone auf Orten, die sich änderten, und auf einigen, die es nicht taten</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>What it says of a place: changed or not, or what kind of change</source>
        <translation>Was es von einem Ort sagt: geändert oder nicht, oder welche Art von Änderung</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Mask of changed places</source>
        <translation>Maske der geänderten Orte</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>A raster of two classes: changed and unchanged</source>
        <translation>Ein Raster mit zwei Klassen: geändert und unverändert</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Polygons with area</source>
        <translation>Polygone mit Fläche</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Each changed place as a polygon</source>
        <translation>Jeder geänderte Ort als Polygon</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Table of areas (CSV)</source>
        <translation>Flächentabelle (CSV)</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>How much ground changed, and from what to what where that is known</source>
        <translation>Wie viel Boden sich änderte, und wo bekannt: was woraus wurde</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Say what became what</source>
        <translation>Sagen, was woraus wurde</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>A classifier of yours tells the classes of each place on both dates</source>
        <translation>Ein eigener Klassifikator sagt die Klassen jedes Ortes an beiden Terminen</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Method</source>
        <translation>Methode</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Dates</source>
        <translation>Termine</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Index</source>
        <translation>Index</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Mapped by</source>
        <translation>Kartiert durch</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Classifier</source>
        <translation>Klassifikator</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Examples</source>
        <translation>Beispiele</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Field</source>
        <translation>Feld</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Threshold</source>
        <translation>Schwelle</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Where</source>
        <translation>Wo</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Options</source>
        <translation>Optionen</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Save in</source>
        <translation>Speichern in</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>The map shows nothing of the layer: zoom to it.</source>
        <translation>Die Karte zeigt nichts vom Layer: hinzoomen.</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Add a folder of dates, or layers of {} dates and more.</source>
        <translation>Einen Ordner mit Terminen oder Layer von mindestens {} Terminen hinzufügen.</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>One of the layers has no date: click it to say one.</source>
        <translation>Einer der Layer hat kein Datum: anklicken und angeben.</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Add the layer of the earlier date.</source>
        <translation>Den Layer des früheren Termins hinzufügen.</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Add the layer of the later date.</source>
        <translation>Den Layer des späteren Termins hinzufügen.</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Before and after are the same layer.</source>
        <translation>Vorher und Nachher sind derselbe Layer.</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>{} is an elevation model: add an image.</source>
        <translation>{} ist ein Höhenmodell: ein Bild hinzufügen.</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Add a layer of labelled places: changed and not changed.</source>
        <translation>Einen Layer gelabelter Orte hinzufügen: geändert und nicht geändert.</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Choose the field that says what changed.</source>
        <translation>Das Feld wählen, das sagt, was sich änderte.</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Teach a classifier first, on the page Teach.</source>
        <translation>Zuerst auf der Seite Anlernen einen Klassifikator anlernen.</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Breaks</source>
        <translation>Brüche</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Broken places</source>
        <translation>Orte mit Bruch</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Breaks {} to {}</source>
        <translation>Brüche {} bis {}</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Magnitude</source>
        <translation>Stärke</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Changed places</source>
        <translation>Geänderte Orte</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Changes</source>
        <translation>Änderungen</translation>
    </message>
    <message>
        <location filename="../../ui/change_page.py"/>
        <source>Change {} to {}</source>
        <translation>Änderung {} bis {}</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>Best device</source>
        <translation>Bestes Gerät</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>CPU</source>
        <translation>CPU</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>GPU (CUDA)</source>
        <translation>GPU (CUDA)</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>GPU {}</source>
        <translation>GPU {}</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>Where to compute; the best device is the GPU if it can be used</source>
        <translation>Wo gerechnet wird; das beste Gerät ist die GPU, wenn sie benutzbar ist</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>{}, {} of {} GB free</source>
        <translation>{}, {} von {} GB frei</translation>
    </message>
    <message>
        <location filename="../../ui/device_choice.py"/>
        <source>{}: cannot be used</source>
        <translation>{}: nicht benutzbar</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Help on this page; F1: on what you are at</source>
        <translation>Hilfe zu dieser Seite; F1: zur Stelle, an der man ist</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>History</source>
        <translation>Verlauf</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Add a raster layer to begin, or drop one here from the layer tree.</source>
        <translation>Zum Anfangen einen Rasterlayer hinzufügen oder aus dem Layerbaum hierher ziehen.</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Layers</source>
        <translation>Layer</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>The layer of the earlier date.</source>
        <translation>Der Layer des früheren Termins.</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>The layer of the later date.</source>
        <translation>Der Layer des späteren Termins.</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Before</source>
        <translation>Vorher</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>After</source>
        <translation>Nachher</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Exchange before and after</source>
        <translation>Vorher und Nachher tauschen</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Map</source>
        <translation>Karte</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>What is here?</source>
        <translation>Was ist hier?</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Teach</source>
        <translation>Anlernen</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>This is what I mean</source>
        <translation>Das meine ich</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Change</source>
        <translation>Änderung</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>What is different?</source>
        <translation>Was ist anders?</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Models</source>
        <translation>Modelle</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>What there is to work with</source>
        <translation>Womit man arbeiten kann</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>{} (Alt+{})</source>
        <translation>{} (Alt+{})</translation>
    </message>
    <message>
        <location filename="../../ui/dock.py"/>
        <source>Turn to Map, Teach or Change to run a model.</source>
        <translation>Zum Rechnen auf Karte, Anlernen oder Änderung wechseln.</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Edits that were proposed, now or another day</source>
        <translation>Vorgeschlagene Bearbeitungen, von jetzt oder einem anderen Tag</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Proposed edits</source>
        <translation>Vorgeschlagene Bearbeitungen</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Which kind of edits to look at</source>
        <translation>Welche Art von Bearbeitungen gezeigt wird</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Kind of edit</source>
        <translation>Art der Bearbeitung</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Swipe</source>
        <translation>Wischen</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Accept</source>
        <translation>Annehmen</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Reject</source>
        <translation>Ablehnen</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Open again</source>
        <translation>Wieder öffnen</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Review</source>
        <translation>Durchsehen</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Go to the next edit that is open; N skips one</source>
        <translation>Zur nächsten offenen Bearbeitung gehen; N überspringt eine</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>magnitude ≥ </source>
        <translation>Stärke ≥ </translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Magnitude of the change from which edits are accepted together</source>
        <translation>Ab welcher Stärke der Änderung Bearbeitungen gemeinsam angenommen werden</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Accept all of the chosen kind that are open; each can be undone by itself</source>
        <translation>Alle offenen der gewählten Art annehmen; jede kann einzeln rückgängig gemacht werden</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Note in the layer where an edit comes from</source>
        <translation>Im Layer festhalten, woher eine Bearbeitung kommt</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>In the fields geofm_source, geofm_date and geofm_action</source>
        <translation>In den Feldern geofm_source, geofm_date und geofm_action</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Update a layer</source>
        <translation>Layer fortführen</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Add the layer that these edits are about: {}</source>
        <translation>Den Layer hinzufügen, um den es bei diesen Bearbeitungen geht: {}</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>All kinds ({})</source>
        <translation>Alle Arten ({})</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>{} ({})</source>
        <translation>{} ({})</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>{} of {} decided</source>
        <translation>{} von {} entschieden</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Accept all ({})</source>
        <translation>Alle annehmen ({})</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>{} accepted and not saved yet: Ctrl+Z undoes, saving the edits of {} keeps them.</source>
        <translation>{} angenommen und noch nicht gespeichert: Strg+Z macht rückgängig, Speichern der Bearbeitungen von {} behält sie.</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Swipe: before left and after right of a line. Drag it, or press the arrow keys; Esc ends</source>
        <translation>Wischen: vorher links, nachher rechts einer Linie. Mit der Maus ziehen oder Pfeiltasten drücken; Esc beendet</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Swipe: add layers of both dates above</source>
        <translation>Wischen: oben Layer beider Termine hinzufügen</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>Before: {}</source>
        <translation>Vorher: {}</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>After: {}</source>
        <translation>Nachher: {}</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>magnitude {}</source>
        <translation>Stärke {}</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>{} accepted.</source>
        <translation>{} angenommen.</translation>
    </message>
    <message>
        <location filename="../../ui/edits/edit_review.py"/>
        <source>{} skipped, such as {}: {}</source>
        <translation>{} übersprungen, etwa {}: {}</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Polygons of a change run, or any others that say what is there now</source>
        <translation>Polygone eines Änderungslaufs, oder andere, die sagen, was nun da ist</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>The layer that is to be brought up to date; it is only read now</source>
        <translation>Der Layer, der fortgeführt werden soll; er wird jetzt nur gelesen</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Its field with the class; none: features are added, cut and retired</source>
        <translation>Sein Feld mit der Klasse; ohne: Objekte werden hinzugefügt, geteilt und beendet</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Its field for the date of retirement; none: what is retired is deleted</source>
        <translation>Sein Feld für das Datum des Endes; ohne: Was endet, wird gelöscht</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Where less of a feature changed, that part is cut off</source>
        <translation>Wo sich weniger von einem Objekt änderte, wird dieser Teil abgetrennt</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source> m²</source>
        <translation> m²</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Smallest part to cut off or add; else a quarter of the smallest change</source>
        <translation>Kleinster Teil, der abgetrennt oder hinzugefügt wird; sonst ein Viertel der kleinsten Änderung</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Propose edits</source>
        <translation>Bearbeitungen vorschlagen</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>List what the changes mean for the layer; nothing is edited yet</source>
        <translation>Auflisten, was die Änderungen für den Layer bedeuten; noch wird nichts bearbeitet</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Layer</source>
        <translation>Layer</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Class</source>
        <translation>Klasse</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Retired on</source>
        <translation>Beendet am</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>As a whole from</source>
        <translation>Als Ganzes ab</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Smallest part</source>
        <translation>Kleinster Teil</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Run a comparison with polygons, or add a layer of changed places.</source>
        <translation>Einen Vergleich mit Polygonen rechnen, oder einen Layer geänderter Orte hinzufügen.</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Add the layer that is to be brought up to date.</source>
        <translation>Den Layer hinzufügen, der fortgeführt werden soll.</translation>
    </message>
    <message>
        <location filename="../../ui/edits/proposal_form.py"/>
        <source>Proposed edits of {}</source>
        <translation>Vorgeschlagene Bearbeitungen von {}</translation>
    </message>
    <message>
        <location filename="../../ui/help.py"/>
        <source>GeoFM: help</source>
        <translation>GeoFM: Hilfe</translation>
    </message>
    <message>
        <location filename="../../ui/help.py"/>
        <source>Back</source>
        <translation>Zurück</translation>
    </message>
    <message>
        <location filename="../../ui/help.py"/>
        <source>Contents</source>
        <translation>Inhalt</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Runs will be listed here, to repeat or to take elsewhere.</source>
        <translation>Hier werden Läufe aufgelistet, zum Wiederholen oder Mitnehmen.</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>History of runs</source>
        <translation>Verlauf der Läufe</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Repeat</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Open as Processing dialog</source>
        <translation>Als Verarbeitungsdialog öffnen</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Copy as Python</source>
        <translation>Als Python kopieren</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Copy as command (qgis_process)</source>
        <translation>Als Befehl kopieren (qgis_process)</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Open the folder of the results</source>
        <translation>Den Ordner der Ergebnisse öffnen</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>Clear the history</source>
        <translation>Den Verlauf leeren</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>This run cannot be written as one command: {}.</source>
        <translation>Dieser Lauf lässt sich nicht als ein Befehl schreiben: {}.</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>The job file beside its result repeats it: python -m geofm run RESULT.job.json</source>
        <translation>Die Jobdatei neben dem Ergebnis wiederholt es: python -m geofm run RESULT.job.json</translation>
    </message>
    <message>
        <location filename="../../ui/history_panel.py"/>
        <source>took {}</source>
        <translation>dauerte {}</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Token of Hugging Face</source>
        <translation>Token von Hugging Face</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Made at huggingface.co/settings/tokens; reading is all it needs to allow</source>
        <translation>Erstellt auf huggingface.co/settings/tokens; Lesen genügt</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Keep</source>
        <translation>Behalten</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Keep the token in QGIS&apos;s authentication store, encrypted</source>
        <translation>Das Token verschlüsselt in der Authentifizierungsdatenbank von QGIS behalten</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Unlock</source>
        <translation>Entsperren</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Give QGIS&apos;s master password, so that the token kept can be used</source>
        <translation>Das Masterpasswort von QGIS eingeben, damit das gespeicherte Token benutzt werden kann</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Forget</source>
        <translation>Vergessen</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Delete the token from QGIS&apos;s authentication store</source>
        <translation>Das Token aus der Authentifizierungsdatenbank von QGIS löschen</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>A token has no spaces and begins with hf_.</source>
        <translation>Ein Token hat keine Leerzeichen und beginnt mit hf_.</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>QGIS did not open its store: the token is known until QGIS ends.</source>
        <translation>QGIS hat seine Datenbank nicht geöffnet: Das Token ist bekannt, bis QGIS endet.</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>The token is still locked.</source>
        <translation>Das Token ist noch gesperrt.</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Your token of Hugging Face is used where a model asks for one.</source>
        <translation>Das Token von Hugging Face wird benutzt, wo ein Modell eines verlangt.</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Your token of Hugging Face is kept, and locked by QGIS&apos;s master password.</source>
        <translation>Das Token von Hugging Face ist gespeichert und durch das Masterpasswort von QGIS gesperrt.</translation>
    </message>
    <message>
        <location filename="../../ui/hub_token.py"/>
        <source>Some models on Hugging Face want a token of an account that was given access.</source>
        <translation>Manche Modelle auf Hugging Face verlangen das Token eines Kontos, das Zugang erhielt.</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>The class that the rule is about</source>
        <translation>Die Klasse, um die es in der Regel geht</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>What it becomes there; if it only is not, the next most probable class</source>
        <translation>Was dort aus ihr wird; wenn sie nur nicht dort ist, die nächstwahrscheinliche Klasse</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Where: an expression over layers of the project, such as {}</source>
        <translation>Wo: ein Ausdruck über Layer des Projekts, wie {}</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Condition</source>
        <translation>Bedingung</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Remove this rule</source>
        <translation>Diese Regel entfernen</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>where</source>
        <translation>wo</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Every class</source>
        <translation>Jede Klasse</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>is not</source>
        <translation>ist nicht</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>becomes {}</source>
        <translation>wird {}</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>The map of classes to refine</source>
        <translation>Die Klassenkarte, die verfeinert werden soll</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Its probabilities, one band a class</source>
        <translation>Ihre Wahrscheinlichkeiten, ein Kanal je Klasse</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>None</source>
        <translation>Nichts</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>How probable classes are: one band, or one field of polygons, a class</source>
        <translation>Wie wahrscheinlich Klassen sind: ein Kanal, oder ein Feld von Polygonen, je Klasse</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>How much the prior counts: 1 as it is, 0.5 half as seriously</source>
        <translation>Wie viel der Prior zählt: 1 wie er ist, 0,5 halb so ernst</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Weight </source>
        <translation>Gewicht </translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Add a rule</source>
        <translation>Regel hinzufügen</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>A class that cannot be where a condition holds, or what it becomes there</source>
        <translation>Eine Klasse, die unter einer Bedingung nicht sein kann, oder was dort aus ihr wird</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Apply to the map</source>
        <translation>Anwenden</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>A refined map, and beside it what changed each of its pixels</source>
        <translation>Eine verfeinerte Karte, und daneben, was jedes Pixel änderte</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Probabilities</source>
        <translation>W’keiten</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Prior</source>
        <translation>Prior</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>What is known of the place corrects a map; every pixel changed is shown.</source>
        <translation>Was vom Ort bekannt ist, berichtigt eine Karte; jedes geänderte Pixel wird gezeigt.</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Make a map of classes first, or add one.</source>
        <translation>Zuerst eine Klassenkarte machen oder hinzufügen.</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Add a rule or choose a prior.</source>
        <translation>Eine Regel hinzufügen oder einen Prior wählen.</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>A prior needs the probabilities: tick them in the Options and map again.</source>
        <translation>Ein Prior braucht die Wahrscheinlichkeiten: in den Optionen anhaken und neu kartieren.</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Say what the class becomes, or choose the map&apos;s probabilities.</source>
        <translation>Angeben, was aus der Klasse wird, oder die Wahrscheinlichkeiten der Karte wählen.</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Choose a class, or what it becomes.</source>
        <translation>Eine Klasse wählen, oder was aus ihr wird.</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Rule {}: {}</source>
        <translation>Regel {}: {}</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Refined map</source>
        <translation>Verfeinerte Karte</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>What changed</source>
        <translation>Was sich änderte</translation>
    </message>
    <message>
        <location filename="../../ui/knowledge_panel.py"/>
        <source>Refined {}</source>
        <translation>{} verfeinert</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Sentinel-2 L2A, 12 bands</source>
        <translation>Sentinel-2 L2A, 12 Kanäle</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Sentinel-2 L1C, 13 bands</source>
        <translation>Sentinel-2 L1C, 13 Kanäle</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Sentinel-2, the four 10 m bands</source>
        <translation>Sentinel-2, die vier 10-m-Kanäle</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Sentinel-1, VV and VH</source>
        <translation>Sentinel-1, VV und VH</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Landsat 4-7, 6 bands</source>
        <translation>Landsat 4-7, 6 Kanäle</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Landsat 8-9, 7 bands</source>
        <translation>Landsat 8-9, 7 Kanäle</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Red, green, blue</source>
        <translation>Rot, Grün, Blau</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Red, green, blue, near infrared</source>
        <translation>Rot, Grün, Blau, nahes Infrarot</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>What the layer is; some models take radar and elevation beside images</source>
        <translation>Was der Layer ist; manche Modelle nehmen Radar und Höhe neben Bildern</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>As the file says</source>
        <translation>Wie die Datei sagt</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Names in the file&apos;s order, with commas: B02, B03, red, nir, VV. A dash leaves one out.</source>
        <translation>Namen in der Reihenfolge der Datei, mit Kommas: B02, B03, red, nir, VV. Ein Strich lässt einen aus.</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Stored numbers times this are reflectance; 0.0001 for most products.</source>
        <translation>Gespeicherte Zahlen mal diesem sind Reflexion; 0.0001 bei den meisten Produkten.</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Added after the scale; -0.1 for Sentinel-2 products of 2022 and later.</source>
        <translation>Nach der Skalierung addiert; -0.1 bei Sentinel-2-Produkten ab 2022.</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Day of acquisition, as 2024-07-31. Some models use the season.</source>
        <translation>Aufnahmetag, wie 2024-07-31. Manche Modelle nutzen die Jahreszeit.</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Apply</source>
        <translation>Anwenden</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Keep this with the layer; it is saved in the project</source>
        <translation>Beim Layer behalten; es wird im Projekt gespeichert</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Leave the layer as it is</source>
        <translation>Den Layer lassen, wie er ist</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>What it is</source>
        <translation>Was es ist</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Bands</source>
        <translation>Kanäle</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Scale</source>
        <translation>Skalierung</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Offset</source>
        <translation>Offset</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>{} names for {} bands.</source>
        <translation>{} Namen für {} Kanäle.</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>The scale must be above zero.</source>
        <translation>Die Skalierung muss größer als null sein.</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>The scale must be a number, as 0.0001.</source>
        <translation>Die Skalierung muss eine Zahl sein, wie 0.0001.</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>The offset must be a number, as -0.1.</source>
        <translation>Der Offset muss eine Zahl sein, wie -0.1.</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>The date must be written as year-month-day.</source>
        <translation>Das Datum muss als Jahr-Monat-Tag geschrieben sein.</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>Not known</source>
        <translation>Nicht bekannt</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>year-month-day</source>
        <translation>Jahr-Monat-Tag</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>{} (not known)</source>
        <translation>{} (nicht bekannt)</translation>
    </message>
    <message>
        <location filename="../../ui/layer_editor.py"/>
        <source>{} nm</source>
        <translation>{} nm</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Do not use this layer</source>
        <translation>Diesen Layer nicht benutzen</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Layer {}: {}</source>
        <translation>Layer {}: {}</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>{} x {} pixels</source>
        <translation>{} x {} Pixel</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>{} of {}</source>
        <translation>{} von {}</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Click to say what it is, its bands, their scale and the date.</source>
        <translation>Anklicken, um Art, Kanäle, deren Skalierung und das Datum anzugeben.</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Add</source>
        <translation>Hinzufügen</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Use another raster layer; you can drop one here from the layer tree too</source>
        <translation>Einen weiteren Rasterlayer benutzen; man kann auch einen aus dem Layerbaum hierher ziehen</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Add a raster layer…</source>
        <translation>Rasterlayer hinzufügen…</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Open QGIS&apos;s data source manager</source>
        <translation>Die Datenquellenverwaltung von QGIS öffnen</translation>
    </message>
    <message>
        <location filename="../../ui/layer_tray.py"/>
        <source>Add a raster layer to the project…</source>
        <translation>Rasterlayer zum Projekt hinzufügen…</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Sentinel-2</source>
        <translation>Sentinel-2</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Sentinel-1</source>
        <translation>Sentinel-1</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Landsat</source>
        <translation>Landsat</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Aerial image</source>
        <translation>Luftbild</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Hyperspectral</source>
        <translation>Hyperspektral</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Elevation</source>
        <translation>Höhe</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Other</source>
        <translation>Anderes</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>as you said</source>
        <translation>nach Ihrer Angabe</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>from its temporal properties</source>
        <translation>aus seinen zeitlichen Eigenschaften</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>from its bands</source>
        <translation>aus seinen Kanälen</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>from its metadata</source>
        <translation>aus seinen Metadaten</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>from its name</source>
        <translation>aus seinem Namen</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>from its pixels</source>
        <translation>aus seinen Pixeln</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>1 band</source>
        <translation>1 Kanal</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>{} bands</source>
        <translation>{} Kanäle</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>{}, not named</source>
        <translation>{}, ohne Namen</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>{}?</source>
        <translation>{}?</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>{}, {}</source>
        <translation>{}, {}</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>Taken {}, {}</source>
        <translation>Aufgenommen {}, {}</translation>
    </message>
    <message>
        <location filename="../../ui/layers.py"/>
        <source>{} m</source>
        <translation>{} m</translation>
    </message>
    <message>
        <location filename="../../ui/licence_words.py"/>
        <source>{}; {} packages under NVIDIA&apos;s own</source>
        <translation>{}; {} Pakete unter NVIDIAs eigener</translation>
    </message>
    <message>
        <location filename="../../ui/licence_words.py"/>
        <source>{}. The list names each, and those of models.</source>
        <translation>{}. Die Liste nennt jede, auch die der Modelle.</translation>
    </message>
    <message>
        <location filename="../../ui/licence_words.py"/>
        <source>Weights of models, fetched when one is first used:</source>
        <translation>Gewichte der Modelle, geholt beim ersten Gebrauch:</translation>
    </message>
    <message>
        <location filename="../../ui/magnitude_plot.py"/>
        <source>How much ground has which magnitude</source>
        <translation>Wie viel Boden welche Stärke hat</translation>
    </message>
    <message>
        <location filename="../../ui/magnitude_plot.py"/>
        <source>How much ground has which magnitude; what counts as changed is coloured</source>
        <translation>Wie viel Boden welche Stärke hat; farbig ist, was als geändert zählt</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Classify as taught</source>
        <translation>Wie angelernt klassifizieren</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Classes</source>
        <translation>Klassen</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Maps the classes of a classifier that was taught from samples.</source>
        <translation>Kartiert die Klassen eines Klassifikators, der aus Trainingsdaten lernte.</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Map with a ready model</source>
        <translation>Mit fertigem Modell kartieren</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Maps what a complete network was trained for, as clouds and their shadows.</source>
        <translation>Kartiert, wofür ein vollständiges Netz trainiert wurde, etwa Wolken und ihre Schatten.</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Measure with a ready model</source>
        <translation>Mit fertigem Modell messen</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Values</source>
        <translation>Werte</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Maps numbers that a complete network was trained for, as heights or shares of cover.</source>
        <translation>Kartiert Zahlen, für die ein vollständiges Netz trainiert wurde, etwa Höhen oder Deckungsgrade.</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Refine pixels</source>
        <translation>Pixel verfeinern</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Finer image</source>
        <translation>Feineres Bild</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Draws the image with smaller pixels, by a super-resolution network.</source>
        <translation>Zeichnet das Bild mit kleineren Pixeln, durch ein Netz für Super-Resolution.</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Group what looks alike</source>
        <translation>Ähnliches gruppieren</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Groups</source>
        <translation>Gruppen</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Divides the image into groups, without any labels.</source>
        <translation>Teilt das Bild in Gruppen, ganz ohne Labels.</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Find places like these</source>
        <translation>Orte wie diese finden</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Similarity</source>
        <translation>Ähnlichkeit</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Maps how much each place looks like your examples.</source>
        <translation>Kartiert, wie sehr jeder Ort den Beispielen gleicht.</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Make features for other tools</source>
        <translation>Merkmale berechnen</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Features</source>
        <translation>Merkmale</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Writes what the model sees as a raster of many bands.</source>
        <translation>Schreibt, was das Modell sieht, als Raster mit vielen Kanälen.</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>What to make of the layers</source>
        <translation>Was aus den Layern gemacht wird</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>How many groups to divide the image into</source>
        <translation>In wie viele Gruppen das Bild geteilt wird</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Points or polygons on what is looked for; one is enough</source>
        <translation>Punkte oder Polygone auf dem Gesuchten; eines genügt</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Knowledge</source>
        <translation>Wissen</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Teach one from samples</source>
        <translation>Einen aus Trainingsdaten anlernen</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Turn to the page Teach</source>
        <translation>Zur Seite Anlernen wechseln</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>There is no classifier yet. Teach one, or open a file that ends in .geofm.</source>
        <translation>Es gibt noch keinen Klassifikator. Einen anlernen, oder eine Datei öffnen, die auf .geofm endet.</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Confidence map</source>
        <translation>Konfidenzkarte</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>How sure the model is of each pixel, in percent</source>
        <translation>Wie sicher das Modell bei jedem Pixel ist, in Prozent</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Probability of each class</source>
        <translation>Wahrscheinlichkeit jeder Klasse</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>One band a class; what Knowledge below goes by</source>
        <translation>Ein Kanal je Klasse; danach geht unten das Wissen</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Polygons with area and confidence</source>
        <translation>Polygone mit Fläche und Konfidenz</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>The map as areas of one class each, to count and to edit</source>
        <translation>Die Karte als Flächen von je einer Klasse, zum Zählen und Bearbeiten</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Outline what is unlike the samples</source>
        <translation>Umreißen, was den Trainingsdaten nicht gleicht</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Hatched areas where the classifier can only guess</source>
        <translation>Schraffierte Flächen, in denen der Klassifikator nur raten kann</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source> % sure</source>
        <translation> % sicher</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Map everything</source>
        <translation>Alles kartieren</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>What the classifier is less sure of is called unknown</source>
        <translation>Worin der Klassifikator weniger sicher ist, heißt unbekannt</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>At least</source>
        <translation>Mindestens</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Task</source>
        <translation>Aufgabe</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Add a raster layer to begin.</source>
        <translation>Zum Anfangen einen Rasterlayer hinzufügen.</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Teach a classifier first, or open one.</source>
        <translation>Zuerst einen Klassifikator anlernen oder öffnen.</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Add a layer with a point or polygon on what you look for.</source>
        <translation>Einen Layer mit einem Punkt oder Polygon auf dem Gesuchten hinzufügen.</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Confidence</source>
        <translation>Konfidenz</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Unlike anything labelled</source>
        <translation>Nichts Gelabeltem ähnlich</translation>
    </message>
    <message>
        <location filename="../../ui/map_page.py"/>
        <source>Polygons</source>
        <translation>Polygone</translation>
    </message>
    <message>
        <location filename="../../ui/messages.py"/>
        <source>Starting</source>
        <translation>Start</translation>
    </message>
    <message>
        <location filename="../../ui/messages.py"/>
        <source>Cancel</source>
        <translation>Abbrechen</translation>
    </message>
    <message>
        <location filename="../../ui/messages.py"/>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Models for this task, the best for your layer first</source>
        <translation>Modelle für diese Aufgabe, die besten für den Layer zuerst</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Use the features of another model too</source>
        <translation>Auch die Merkmale eines anderen Modells nutzen</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>The model whose features join those of the first</source>
        <translation>Das Modell, dessen Merkmale zu denen des ersten kommen</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Open a model or classifier file</source>
        <translation>Datei eines Modells oder Klassifikators öffnen</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>There is no model for this task yet.</source>
        <translation>Für diese Aufgabe gibt es noch kein Modell.</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Models (*.geofm *.json *.onnx *.pt *.pth)</source>
        <translation>Modelle (*.geofm *.json *.onnx *.pt *.pth)</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Open a model or classifier</source>
        <translation>Modell oder Klassifikator öffnen</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>{} is open, but it is not for this task.</source>
        <translation>{} ist offen, aber nicht für diese Aufgabe.</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Recommended. {}</source>
        <translation>Empfohlen. {}</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Run downloads {} first.</source>
        <translation>Start lädt zuerst {} herunter.</translation>
    </message>
    <message>
        <location filename="../../ui/model_choice.py"/>
        <source>Run downloads it first.</source>
        <translation>Start lädt es zuerst herunter.</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Stop; the part that came is kept</source>
        <translation>Anhalten; der schon geladene Teil bleibt</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Lacks</source>
        <translation>Fehlt</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Licence</source>
        <translation>Lizenz</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>not stated</source>
        <translation>nicht angegeben</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Open the licence in the browser</source>
        <translation>Die Lizenz im Browser öffnen</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Terms</source>
        <translation>Bedingungen</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Copy the citation</source>
        <translation>Das Zitat kopieren</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Cite</source>
        <translation>Zitieren</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Verified</source>
        <translation>Geprüft</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Open the folder</source>
        <translation>Den Ordner öffnen</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Lies in</source>
        <translation>Liegt in</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Download</source>
        <translation>Herunterladen</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Fetch the weights now; a run would do it too</source>
        <translation>Die Gewichte jetzt holen; ein Lauf täte es auch</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Verify</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Read the files again and hold them to their digests</source>
        <translation>Die Dateien neu lesen und mit ihren Prüfsummen vergleichen</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Remove</source>
        <translation>Entfernen</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Delete the files from this machine</source>
        <translation>Die Dateien von diesem Rechner löschen</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Remove the files of {} from this machine?</source>
        <translation>Die Dateien von {} von diesem Rechner entfernen?</translation>
    </message>
    <message>
        <location filename="../../ui/model_details.py"/>
        <source>Remove a model</source>
        <translation>Modell entfernen</translation>
    </message>
    <message>
        <location filename="../../ui/model_row.py"/>
        <source>taught</source>
        <translation>angelernt</translation>
    </message>
    <message>
        <location filename="../../ui/model_row.py"/>
        <source>built in</source>
        <translation>eingebaut</translation>
    </message>
    <message>
        <location filename="../../ui/model_row.py"/>
        <source>here</source>
        <translation>vorhanden</translation>
    </message>
    <message>
        <location filename="../../ui/model_row.py"/>
        <source>to download</source>
        <translation>herunterzuladen</translation>
    </message>
    <message>
        <location filename="../../ui/model_row.py"/>
        <source>any raster</source>
        <translation>jedes Raster</translation>
    </message>
    <message>
        <location filename="../../ui/model_work.py"/>
        <source>Downloaded and verified.</source>
        <translation>Heruntergeladen und geprüft.</translation>
    </message>
    <message>
        <location filename="../../ui/model_work.py"/>
        <source>Every file matches its digest.</source>
        <translation>Jede Datei passt zu ihrer Prüfsumme.</translation>
    </message>
    <message>
        <location filename="../../ui/model_work.py"/>
        <source>Removed.</source>
        <translation>Entfernt.</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Token for gated models</source>
        <translation>Token für geschützte Modelle</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>For this layer</source>
        <translation>Für diesen Layer</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Not for this layer</source>
        <translation>Nicht für diesen Layer</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Show all models</source>
        <translation>Alle Modelle zeigen</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Clear the search and the filters</source>
        <translation>Suche und Filter leeren</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Search: name, sensor, band, task, licence</source>
        <translation>Suche: Name, Sensor, Kanal, Aufgabe, Lizenz</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Words out of a model&apos;s name, family, sensors, bands, tasks or licence</source>
        <translation>Wörter aus Name, Familie, Sensoren, Kanälen, Aufgaben oder Lizenz eines Modells</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Clear the search</source>
        <translation>Suche leeren</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Only models for this task</source>
        <translation>Nur Modelle für diese Aufgabe</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Teach from samples</source>
        <translation>Aus Trainingsdaten anlernen</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Find changes</source>
        <translation>Änderungen finden</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>All tasks</source>
        <translation>Alle Aufgaben</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Only models that fit the layer, or that are on this machine</source>
        <translation>Nur Modelle, die zum Layer passen oder auf diesem Rechner sind</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>All models</source>
        <translation>Alle Modelle</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>Fit my layer</source>
        <translation>Passend zum Layer</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>On this machine</source>
        <translation>Auf diesem Rechner</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>{} models</source>
        <translation>{} Modelle</translation>
    </message>
    <message>
        <location filename="../../ui/models_page.py"/>
        <source>{} of {} models</source>
        <translation>{} von {} Modellen</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Its name in the list of models</source>
        <translation>Sein Name in der Liste der Modelle</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Leave the file where it is</source>
        <translation>Die Datei lassen, wo sie ist</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Choose</source>
        <translation>Wählen</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Maps classes</source>
        <translation>Kartiert Klassen</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Measures values</source>
        <translation>Misst Werte</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Refines pixels</source>
        <translation>Verfeinert Pixel</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Makes features</source>
        <translation>Macht Merkmale</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Finds objects (in a later version)</source>
        <translation>Findet Objekte (in einer späteren Version)</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>What the network makes of an image</source>
        <translation>Was das Netz aus einem Bild macht</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>red, green, blue</source>
        <translation>rot, grün, blau</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Names in the network&apos;s order, with commas: B02, B03, red, nir, VV</source>
        <translation>Namen in der Reihenfolge des Netzes, mit Kommas: B02, B03, red, nir, VV</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Reflectance, 0 to 1</source>
        <translation>Reflexion, 0 bis 1</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Reflectance times 10000</source>
        <translation>Reflexion mal 10000</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Bytes divided by 255</source>
        <translation>Bytes geteilt durch 255</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Numbers as in the file</source>
        <translation>Zahlen wie in der Datei</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>The bands&apos; units, as dB</source>
        <translation>Die Einheiten der Kanäle, wie dB</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>reflectance</source>
        <translation>Reflexion</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>What the network was trained on; a number is what reflectance is times</source>
        <translation>Worauf das Netz trainiert wurde; eine Zahl ist, womit Reflexion malgenommen wird</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Subtracted after that; one number, one a band, or none</source>
        <translation>Danach abgezogen; eine Zahl, eine je Kanal, oder keine</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Divided by then; one number, one a band, or none</source>
        <translation>Dann dadurch geteilt; eine Zahl, eine je Kanal, oder keine</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Names with their units, with commas: height (m), cover (%)</source>
        <translation>Namen mit ihren Einheiten, mit Kommas: Höhe (m), Deckung (%)</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Metres of the pixels it was made for; empty if that does not matter</source>
        <translation>Meter der Pixel, für die es gemacht ist; leer, wenn das egal ist</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Pixels along a side of the windows it is given</source>
        <translation>Pixel entlang einer Seite seiner Fenster</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Pixels that neighbouring windows share; empty for half a window</source>
        <translation>Pixel, die benachbarte Fenster teilen; leer für ein halbes Fenster</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>height (m)</source>
        <translation>Höhe (m)</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>any</source>
        <translation>beliebig</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>half a window</source>
        <translation>ein halbes Fenster</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>water
forest
field #f4d35e</source>
        <translation>Wasser
Wald
Feld #f4d35e</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>One a line, in the network&apos;s order; with a value and a colour if you like: 3=field #f4d35e</source>
        <translation>Eine je Zeile, in der Reihenfolge des Netzes; auf Wunsch mit Wert und Farbe: 3=Feld #f4d35e</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Its card is put beside it; else both are copied to your models</source>
        <translation>Seine Modellkarte kommt daneben; sonst wird beides zu Ihren Modellen kopiert</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>It takes {} bands.</source>
        <translation>Es nimmt {} Kanäle.</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>It answers {} classes.</source>
        <translation>Es antwortet mit {} Klassen.</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Does</source>
        <translation>Tut</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Scaled as</source>
        <translation>Skaliert als</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Mean, deviation</source>
        <translation>Mittel, Abweichung</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Pixel, m</source>
        <translation>Pixel, m</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Window, overlap</source>
        <translation>Fenster, Überlappung</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Add the model</source>
        <translation>Modell hinzufügen</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Write its card; it is then listed and can be used</source>
        <translation>Seine Modellkarte schreiben; dann ist es aufgelistet und nutzbar</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Add nothing</source>
        <translation>Nichts hinzufügen</translation>
    </message>
    <message>
        <location filename="../../ui/network_form.py"/>
        <source>Still to answer: {}?</source>
        <translation>Noch offen: {}?</translation>
    </message>
    <message>
        <location filename="../../ui/path_field.py"/>
        <source>Choose: {}</source>
        <translation>Wählen: {}</translation>
    </message>
    <message>
        <location filename="../../ui/place_mark.py"/>
        <source>{} lies where the map&apos;s coordinate system does not reach.</source>
        <translation>{} liegt außerhalb der Reichweite des Koordinatensystems der Karte.</translation>
    </message>
    <message>
        <location filename="../../ui/place_mark.py"/>
        <source>Choose another coordinate system for the project.</source>
        <translation>Ein anderes Koordinatensystem für das Projekt wählen.</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} pixels on {}</source>
        <translation>{} Pixel auf {}</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} more in the details.</source>
        <translation>{} weitere in den Details.</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Accuracy {} % on samples left out</source>
        <translation>Genauigkeit {} % an ausgelassenen Trainingsdaten</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Accuracy {} %, F1 {} on samples left out</source>
        <translation>Genauigkeit {} %, F1 {} an ausgelassenen Trainingsdaten</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} changed</source>
        <translation>{} geändert</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Threshold {}</source>
        <translation>Schwellenwert {}</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{}: {}</source>
        <translation>{}: {}</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} % before</source>
        <translation>{} % vorher</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} % after</source>
        <translation>{} % nachher</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Cloud, shadow, snow and fill left out: {}</source>
        <translation>Wolken, Schatten, Schnee und Füllwerte weggelassen: {}</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Whether the dates lie on one another could not be told</source>
        <translation>Ob die Termine aufeinanderliegen, war nicht festzustellen</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>A shift of {} pixels ({} m) was corrected</source>
        <translation>Ein Versatz von {} Pixeln ({} m) wurde korrigiert</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>The dates lie {} pixels ({} m) apart</source>
        <translation>Die Termine liegen {} Pixel ({} m) auseinander</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Light matched by {} pixels that did not change</source>
        <translation>Licht angeglichen an {} Pixeln, die sich nicht änderten</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} with a break, in {} dates</source>
        <translation>{} mit einem Bruch, in {} Terminen</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>Accuracy {} % at {} places</source>
        <translation>Genauigkeit {} % an {} Orten</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} ({} to {})</source>
        <translation>{} ({} bis {})</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} points; they tell the accuracy to about {} % either way</source>
        <translation>{} Punkte; sie sagen die Genauigkeit auf etwa {} % nach beiden Seiten</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} km²</source>
        <translation>{} km²</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} ha</source>
        <translation>{} ha</translation>
    </message>
    <message>
        <location filename="../../ui/report.py"/>
        <source>{} m²</source>
        <translation>{} m²</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Keep all</source>
        <translation>Alle behalten</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Smaller areas become part of what surrounds them; the raster stays</source>
        <translation>Kleinere Flächen gehen in ihrer Umgebung auf; das Raster bleibt</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Smallest</source>
        <translation>Kleinste</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Edges of the pixels</source>
        <translation>Kanten der Pixel</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source> pixels</source>
        <translation> Pixel</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>How far borders may move to get smoother: 2 rounds off the steps. Neighbours stay joined.</source>
        <translation>Wie weit Grenzen zum Glätten wandern dürfen: 2 rundet die Stufen ab. Nachbarn bleiben verbunden.</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Smooth by</source>
        <translation>Glätten um</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Area</source>
        <translation>Gebiet</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Of the first layer</source>
        <translation>Des ersten Layers</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Of the finest layer</source>
        <translation>Des feinsten Layers</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Whose pixels the result has; the other layers are brought onto them</source>
        <translation>Wessen Pixel das Ergebnis hat; die anderen Layer werden darauf gebracht</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Grid</source>
        <translation>Gitter</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Pixel size at which layers that are no files are copied</source>
        <translation>Pixelgröße, mit der Layer kopiert werden, die keine Dateien sind</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>Pixel size</source>
        <translation>Pixelgröße</translation>
    </message>
    <message>
        <location filename="../../ui/run_options.py"/>
        <source>about {} pixels of {}</source>
        <translation>etwa {} Pixel von {}</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Run</source>
        <translation>Start</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Run (Ctrl+Enter)</source>
        <translation>Start (Strg+Enter)</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>The engine: its state, update, repair, remove</source>
        <translation>Die Engine: ihr Zustand, erneuern, reparieren, entfernen</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Stop; nothing half done is left behind (Esc)</source>
        <translation>Anhalten; nichts Halbfertiges bleibt zurück (Esc)</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Stopping</source>
        <translation>Hält an</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>about {} left</source>
        <translation>noch etwa {}</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Report</source>
        <translation>Bericht</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Open the accuracy report in the browser</source>
        <translation>Den Genauigkeitsbericht im Browser öffnen</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>The log of the run</source>
        <translation>Das Protokoll des Laufs</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Copy message and log</source>
        <translation>Meldung und Protokoll kopieren</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Clear the message</source>
        <translation>Die Meldung leeren</translation>
    </message>
    <message>
        <location filename="../../ui/run_panel.py"/>
        <source>Log of the run</source>
        <translation>Protokoll des Laufs</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>There is no algorithm {}.</source>
        <translation>Es gibt keinen Algorithmus {}.</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>Enable the plugins Processing and GeoFM.</source>
        <translation>Die Erweiterungen Processing und GeoFM aktivieren.</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>The run was cancelled.</source>
        <translation>Der Lauf wurde abgebrochen.</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>Done in {}: {}</source>
        <translation>Fertig in {}: {}</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>The run was cancelled. Run it again to go on where it was.</source>
        <translation>Der Lauf wurde abgebrochen. Erneut starten, um dort weiterzumachen.</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>The algorithm failed without a message.</source>
        <translation>Der Algorithmus scheiterte ohne Meldung.</translation>
    </message>
    <message>
        <location filename="../../ui/runner.py"/>
        <source>Step {} of {}: {}</source>
        <translation>Schritt {} von {}: {}</translation>
    </message>
    <message>
        <location filename="../../ui/series_folder.py"/>
        <source>Folder of rasters of many dates</source>
        <translation>Ordner mit Rastern vieler Termine</translation>
    </message>
    <message>
        <location filename="../../ui/series_folder.py"/>
        <source>Dates of {}</source>
        <translation>Termine von {}</translation>
    </message>
    <message>
        <location filename="../../ui/series_folder.py"/>
        <source>{} dates of {}, {} to {}</source>
        <translation>{} Termine von {}, {} bis {}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>The folder for the engine, models and all else that GeoFM keeps</source>
        <translation>Der Ordner für die Engine, Modelle und alles andere, was GeoFM aufbewahrt</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>The variable GEOFM_HOME says where: there it is changed.</source>
        <translation>Die Variable GEOFM_HOME sagt, wo: Dort wird er geändert.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>In {} stay: {}. Choose that folder again to use them.</source>
        <translation>In {} bleiben: {}. Um sie zu benutzen, diesen Ordner wieder wählen.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>{} {} The former folder goes on being used.</source>
        <translation>{} {} Der bisherige Ordner wird weiter benutzt.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>the engine</source>
        <translation>die Engine</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>models and classifiers</source>
        <translation>Modelle und Klassifikatoren</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>labels</source>
        <translation>Labels</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>areas</source>
        <translation>Gebiete</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>unfinished runs</source>
        <translation>unfertige Läufe</translation>
    </message>
    <message>
        <location filename="../../ui/setup_home.py"/>
        <source>kept encodings</source>
        <translation>aufbewahrte Kodierungen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>The Python to make the engine&apos;s with</source>
        <translation>Das Python, mit dem das der Engine angelegt wird</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>GPU if there is one</source>
        <translation>GPU, wenn es eine gibt</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Processor</source>
        <translation>Prozessor</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>NVIDIA GPU</source>
        <translation>NVIDIA-GPU</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>What the libraries are built for; those for a GPU are larger</source>
        <translation>Wofür die Bibliotheken gebaut sind; die für eine GPU sind größer</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Address of your own package index, for networks that reach no other</source>
        <translation>Adresse eines eigenen Paketindex, für Netze, die keinen anderen erreichen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Addresses of further indexes, with spaces between: such as PyTorch&apos;s own index for a GPU, which its page Get Started on pytorch.org gives</source>
        <translation>Adressen weiterer Indizes, durch Leerzeichen getrennt: etwa PyTorchs eigener für eine GPU, den die Seite Get Started auf pytorch.org nennt</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Address of a proxy, such as http://proxy.example:3128</source>
        <translation>Adresse eines Proxys, etwa http://proxy.example:3128</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>A PEM file with the authorities to trust</source>
        <translation>Eine PEM-Datei mit den Zertifizierungsstellen, denen vertraut wird</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>A folder that python -m geofm bundle wrote; nothing is fetched from a network</source>
        <translation>Ein Ordner, den python -m geofm bundle schrieb; nichts wird aus einem Netz geholt</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Data folder</source>
        <translation>Datenordner</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Python</source>
        <translation>Python</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Built for</source>
        <translation>Gebaut für</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Package index</source>
        <translation>Paketindex</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Further indexes</source>
        <translation>Weitere Indizes</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Proxy</source>
        <translation>Proxy</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Certificates</source>
        <translation>Zertifikate</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>From a folder (offline)</source>
        <translation>Aus einem Ordner (offline)</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>ONNX networks on processors that have units for bf16</source>
        <translation>ONNX-Netze auf Prozessoren mit Einheiten für bf16</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Found by itself</source>
        <translation>Von selbst gefunden</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>As pip is configured</source>
        <translation>Wie pip eingestellt ist</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>None in QGIS&apos;s settings</source>
        <translation>Keiner in den Einstellungen von QGIS</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Those of this system</source>
        <translation>Die dieses Systems</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>None: over the network</source>
        <translation>Keiner: über das Netz</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>The name and password in this address are not shown.</source>
        <translation>Name und Passwort in dieser Adresse werden nicht gezeigt.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>Write them again, or none.</source>
        <translation>Bitte neu eingeben oder weglassen.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_options.py"/>
        <source>With OpenVINO</source>
        <translation>Mit OpenVINO</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>All packages with their versions and licences</source>
        <translation>Alle Pakete mit Versionen und Lizenzen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>New</source>
        <translation>Neu</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Installs</source>
        <translation>Installiert</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Licences</source>
        <translation>Lizenzen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Into</source>
        <translation>Nach</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Computes on</source>
        <translation>Rechnet auf</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Packages</source>
        <translation>Pakete</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Set up</source>
        <translation>Einrichten</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Make the engine&apos;s Python; it can be cancelled and gone on with</source>
        <translation>Das Python der Engine anlegen; kann abgebrochen und fortgesetzt werden</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Check again</source>
        <translation>Erneut prüfen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Look whether the engine is there now</source>
        <translation>Nachsehen, ob die Engine nun da ist</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Repair</source>
        <translation>Reparieren</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Look at every file, and make the engine anew if one is damaged</source>
        <translation>Jede Datei prüfen und die Engine neu anlegen, wenn eine beschädigt ist</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Delete the engine&apos;s Python from this machine</source>
        <translation>Das Python der Engine von diesem Rechner löschen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Copy report</source>
        <translation>Bericht kopieren</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>What is installed and what is wrong, without passwords</source>
        <translation>Was installiert ist und was nicht stimmt, ohne Passwörter</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Looking at this machine …</source>
        <translation>Dieser Rechner wird angesehen …</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Remove the engine from this machine? Models, classifiers and results stay.</source>
        <translation>Die Engine von diesem Rechner entfernen? Modelle, Klassifikatoren und Ergebnisse bleiben.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_panel.py"/>
        <source>Remove the engine</source>
        <translation>Engine entfernen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The engine is being set up</source>
        <translation>Die Engine wird eingerichtet</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The engine can be updated</source>
        <translation>Die Engine kann erneuert werden</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The engine needs an update</source>
        <translation>Die Engine muss erneuert werden</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Set up the engine</source>
        <translation>Engine einrichten</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The set-up was not finished</source>
        <translation>Die Einrichtung wurde nicht beendet</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The engine is ready</source>
        <translation>Die Engine ist bereit</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>It is the Python that the variable GEOFM_PYTHON names; GeoFM leaves it as it is.</source>
        <translation>Es ist das Python, das die Variable GEOFM_PYTHON nennt; GeoFM lässt es, wie es ist.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Correct the variable GEOFM_PYTHON or remove it, start QGIS again, or check again.</source>
        <translation>Die Variable GEOFM_PYTHON berichtigen oder entfernen und QGIS neu starten, oder erneut prüfen.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>GeoFM computes in a Python of its own: it cannot break QGIS, and one click removes it.</source>
        <translation>GeoFM rechnet in einem eigenen Python: Es kann QGIS nicht beschädigen, und ein Klick entfernt es.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>What was downloaded is kept; nothing half made is ever used.</source>
        <translation>Was geladen wurde, bleibt; Halbfertiges wird nie benutzt.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>It goes on working until you update it.</source>
        <translation>Sie arbeitet weiter, bis sie erneuert wird.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Finish the set-up</source>
        <translation>Einrichtung abschließen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Update</source>
        <translation>Erneuern</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Apply what was chosen</source>
        <translation>Auswahl anwenden</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Fetching Python</source>
        <translation>Python wird geholt</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Making a place for the libraries</source>
        <translation>Platz für die Bibliotheken wird angelegt</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Installing libraries</source>
        <translation>Bibliotheken werden installiert</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Unpacking libraries</source>
        <translation>Bibliotheken werden entpackt</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Trying the libraries</source>
        <translation>Bibliotheken werden ausprobiert</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>Removing</source>
        <translation>Wird entfernt</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} of {} {}</source>
        <translation>{} von {} {}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} packages</source>
        <translation>{} Pakete</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} and {} more</source>
        <translation>{} und {} weitere</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} to download</source>
        <translation>{} herunterzuladen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} on disk</source>
        <translation>{} auf dem Datenträger</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} free</source>
        <translation>{} frei</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>GPU</source>
        <translation>GPU</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{}. {}</source>
        <translation>{}. {}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} {} (so far {})</source>
        <translation>{} {} (bisher {})</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{} {}</source>
        <translation>{} {}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>The same packages, by a newer list</source>
        <translation>Dieselben Pakete, nach einer neueren Liste</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>{}, which is downloaded</source>
        <translation>{}, wird geladen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_words.py"/>
        <source>First steps: add a raster layer, look at what page Map proposes, press Run.</source>
        <translation>Erste Schritte: einen Rasterlayer hinzufügen, ansehen, was die Seite Karte vorschlägt, Start drücken.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Look at the data folder</source>
        <translation>Den Datenordner ansehen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Look at this machine</source>
        <translation>Diesen Rechner ansehen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Set up GeoFM&apos;s engine</source>
        <translation>Engine von GeoFM einrichten</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Repair GeoFM&apos;s engine</source>
        <translation>Engine von GeoFM reparieren</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Remove GeoFM&apos;s engine</source>
        <translation>Engine von GeoFM entfernen</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Report on GeoFM&apos;s engine</source>
        <translation>Bericht über die Engine von GeoFM</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Gathering what is known …</source>
        <translation>Was bekannt ist, wird gesammelt …</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>Made in {}</source>
        <translation>Eingerichtet in {}</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>The engine is ready.</source>
        <translation>Die Engine ist bereit.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>The engine is removed.</source>
        <translation>Die Engine ist entfernt.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>{} are free again; models, classifiers and results stay.</source>
        <translation>{} sind wieder frei; Modelle, Klassifikatoren und Ergebnisse bleiben.</translation>
    </message>
    <message>
        <location filename="../../ui/setup_work.py"/>
        <source>The report is on the clipboard. Passwords and tokens were left out.</source>
        <translation>Der Bericht ist in der Zwischenablage. Passwörter und Token wurden weggelassen.</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>The whole layer</source>
        <translation>Der ganze Layer</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>What the map shows</source>
        <translation>Was die Karte zeigt</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>A part costs what it covers: try a small one first</source>
        <translation>Ein Teil kostet, was er umfasst: erst einen kleinen versuchen</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>Folder for results</source>
        <translation>Ordner für Ergebnisse</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>Temporary files</source>
        <translation>Temporäre Dateien</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>Empty: results are temporary, as Processing&apos;s are. A folder keeps them.</source>
        <translation>Leer: Ergebnisse sind temporär, wie die der Verarbeitung. Ein Ordner behält sie.</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>Choose the folder</source>
        <translation>Den Ordner wählen</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>The folder for results does not exist.</source>
        <translation>Den Ordner für Ergebnisse gibt es nicht.</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>{} pixels</source>
        <translation>{} Pixel</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>{} pixels of {}</source>
        <translation>{} Pixel von {}</translation>
    </message>
    <message>
        <location filename="../../ui/task_page.py"/>
        <source>{}, about {}</source>
        <translation>{}, etwa {}</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Download and begin</source>
        <translation>Herunterladen und beginnen</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Fetch the model&apos;s weights, then open the image with it</source>
        <translation>Die Gewichte des Modells holen, dann das Bild damit öffnen</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Check a map</source>
        <translation>Karte prüfen</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>{} classes came with the classifier.</source>
        <translation>{} Klassen kamen mit dem Klassifikator.</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Name at least two classes to tell apart.</source>
        <translation>Mindestens zwei Klassen nennen, die zu unterscheiden sind.</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Label at least two classes on the map.</source>
        <translation>Mindestens zwei Klassen auf der Karte labeln.</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>Download the model first, or choose another.</source>
        <translation>Zuerst das Modell herunterladen, oder ein anderes wählen.</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>There is nothing taught to map with yet.</source>
        <translation>Es ist noch nichts gelernt, womit kartiert werden kann.</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>The image is being opened.</source>
        <translation>Das Bild wird geöffnet.</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>The classifier is being saved.</source>
        <translation>Der Klassifikator wird gespeichert.</translation>
    </message>
    <message>
        <location filename="../../ui/teach_page.py"/>
        <source>{} taught on {}</source>
        <translation>{}, angelernt auf {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/bulk.py"/>
        <source>Cancelled; the labels are as they were.</source>
        <translation>Abgebrochen; die Labels sind, wie sie waren.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/bulk.py"/>
        <source>Give it up; the labels stay as they were</source>
        <translation>Aufgeben; die Labels bleiben, wie sie waren</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>The map of classes that is to be checked</source>
        <translation>Die Klassenkarte, die geprüft werden soll</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Two of each class at least; 50 of each are usual</source>
        <translation>Mindestens zwei je Klasse; üblich sind je 50</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Draw points</source>
        <translation>Punkte ziehen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Draw check points of the map at random, each class by itself</source>
        <translation>Zufällige Prüfpunkte der Karte ziehen, jede Klasse für sich</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Check points that were drawn, now or earlier</source>
        <translation>Prüfpunkte, von jetzt oder früher</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Go on checking</source>
        <translation>Weiter prüfen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Go to the next point without an answer; the map is put out of sight</source>
        <translation>Zum nächsten Punkt ohne Antwort gehen; die Karte wird ausgeblendet</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Assess the map</source>
        <translation>Karte bewerten</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Accuracy and areas with intervals, from the points that have an answer</source>
        <translation>Genauigkeit und Flächen mit Intervallen, aus den beantworteten Punkten</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Draw points of a map at random and say what is really there: that tells how right it is.</source>
        <translation>Zufällige Punkte einer Karte ziehen und sagen, was dort wirklich ist: Das sagt, wie richtig sie ist.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>How many</source>
        <translation>Wie viele</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Points</source>
        <translation>Punkte</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Clear the answer</source>
        <translation>Antwort leeren</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Point {}</source>
        <translation>Punkt {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>{} of {} checked</source>
        <translation>{} von {} geprüft</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>The answer could not be written to {}.</source>
        <translation>Die Antwort konnte nicht in {} geschrieben werden.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Check points of {}</source>
        <translation>Prüfpunkte von {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/checking.py"/>
        <source>Accuracy of {}</source>
        <translation>Genauigkeit von {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Ensemble (most accurate)</source>
        <translation>Ensemble (genau)</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Fast</source>
        <translation>Schnell</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Nearest mean</source>
        <translation>Nächstes Mittel</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Nearest neighbours</source>
        <translation>Nächste Nachbarn</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Random forest</source>
        <translation>Zufallswald</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Small neural network</source>
        <translation>Kleines neuronales Netz</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>How the classifier learns from the model&apos;s features</source>
        <translation>Wie der Klassifikator aus den Merkmalen des Modells lernt</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Named after the image</source>
        <translation>Nach dem Bild benannt</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>The classifier appears under this name on the pages Map and Models</source>
        <translation>Unter diesem Namen steht der Klassifikator auf den Seiten Karte und Modelle</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Where the classifier is less sure than this it does not guess: no class</source>
        <translation>Wo der Klassifikator weniger sicher ist, rät er nicht: keine Klasse</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Hatch what is unlike any label</source>
        <translation>Schraffieren: keinem Label ähnlich</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>Places that nothing labelled resembles</source>
        <translation>Orte, denen nichts Gelabeltes gleicht</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/choices.py"/>
        <source>How sure the classifier is of each pixel, in percent</source>
        <translation>Wie sicher der Klassifikator bei jedem Pixel ist, in Prozent</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Remove the class and its labels (undo brings them back)</source>
        <translation>Die Klasse und ihre Labels entfernen (Rückgängig bringt sie zurück)</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Rename (F2)</source>
        <translation>Umbenennen (F2)</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Move up (Alt+Up)</source>
        <translation>Nach oben (Alt+Auf)</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Move down (Alt+Down)</source>
        <translation>Nach unten (Alt+Ab)</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Remove (Del)</source>
        <translation>Entfernen (Entf)</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Draw {}</source>
        <translation>{} zeichnen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Draw {} (key {} on the map)</source>
        <translation>{} zeichnen (Taste {} auf der Karte)</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Arrow keys choose, Alt+Up and Alt+Down move the class</source>
        <translation>Pfeiltasten wählen, Alt+Auf und Alt+Ab verschieben die Klasse</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Name of class {}</source>
        <translation>Name der Klasse {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>{}: type to rename it</source>
        <translation>{}: zum Umbenennen tippen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Name two classes to begin: what is the map to tell apart?</source>
        <translation>Zum Anfangen zwei Klassen nennen: Was soll die Karte unterscheiden?</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Enter adds it; several at once with commas</source>
        <translation>Enter fügt sie hinzu; mehrere auf einmal mit Kommas</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Add the class</source>
        <translation>Die Klasse hinzufügen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Add a class</source>
        <translation>Klasse hinzufügen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Name a class, as forest</source>
        <translation>Klasse nennen, etwa Wald</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Colour of the class</source>
        <translation>Farbe der Klasse</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>The colour of the class</source>
        <translation>Die Farbe der Klasse</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>no labels</source>
        <translation>keine Labels</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>{} · {} px</source>
        <translation>{} · {} px</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>Nothing is labelled as this class yet</source>
        <translation>Noch ist nichts als diese Klasse gelabelt</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>{} labels, {} % of all</source>
        <translation>{} Labels, {} % von allen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/class_list.py"/>
        <source>{} labels on {} pixels, {} % of all</source>
        <translation>{} Labels auf {} Pixeln, {} % von allen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/keeping.py"/>
        <source>Save classifier</source>
        <translation>Klassifikator speichern</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/keeping.py"/>
        <source>Keep it among your models, to map with, to share and to teach on</source>
        <translation>Unter Ihren Modellen behalten: zum Kartieren, Weitergeben und Weiterlernen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/keeping.py"/>
        <source>Also map…</source>
        <translation>Auch kartieren…</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/keeping.py"/>
        <source>Save it, and choose many images to map with it</source>
        <translation>Speichern und viele Bilder wählen, die damit kartiert werden</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/keeping.py"/>
        <source>Saved as {}.</source>
        <translation>Gespeichert als {}.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Click: each click on the map is a label</source>
        <translation>Klick: Jeder Klick auf die Karte ist ein Label</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Keys on the map: 1 to 9 and 0 choose the class, C the next one</source>
        <translation>Tasten auf der Karte: 1 bis 9 und 0 wählen die Klasse, C die nächste</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Polygon: clicks set corners; the right button or Enter ends it</source>
        <translation>Polygon: Klicks setzen Ecken; rechte Maustaste oder Enter beendet es</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Backspace takes a corner back, Esc all</source>
        <translation>Rücktaste nimmt eine Ecke zurück, Esc alle</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Brush: drag to paint; it joins its class and replaces others</source>
        <translation>Pinsel: ziehen zum Malen; fügt sich seiner Klasse an und ersetzt andere</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Shift and the wheel, or [ and ], change its size</source>
        <translation>Umschalt und Mausrad, oder [ und ], ändern seine Größe</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Eraser: a click removes the label under it</source>
        <translation>Radierer: Ein Klick entfernt das Label darunter</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source> px</source>
        <translation> px</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Radius of the brush in pixels of the screen ([ and ] on the map)</source>
        <translation>Radius des Pinsels in Bildschirmpixeln ([ und ] auf der Karte)</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_bar.py"/>
        <source>Redo</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>The labels stay in {}.</source>
        <translation>Die Labels bleiben in {}.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>Undone: {}.</source>
        <translation>Rückgängig gemacht: {}.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>Done again: {}.</source>
        <translation>Wiederhergestellt: {}.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>Writing: {}</source>
        <translation>Schreiben: {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>Labels are being written.</source>
        <translation>Labels werden geschrieben.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_book.py"/>
        <source>Wait for it to end, or cancel it.</source>
        <translation>Das Ende abwarten, oder abbrechen.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_group.py"/>
        <source>Labels</source>
        <translation>Labels</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/label_panel.py"/>
        <source>Import and library</source>
        <translation>Import und Bibliothek</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>add the class {}</source>
        <translation>Klasse {} hinzufügen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>rename {} to {}</source>
        <translation>{} in {} umbenennen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>colour {}</source>
        <translation>{} färben</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>move {}</source>
        <translation>{} verschieben</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>remove the class {}</source>
        <translation>Klasse {} entfernen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>{} went with its {} labels. Undo brings them back.</source>
        <translation>{} ging mit seinen {} Labels. Rückgängig bringt sie zurück.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>There is a class {} already.</source>
        <translation>Eine Klasse {} gibt es schon.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>label {}</source>
        <translation>{} labeln</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>paint {}</source>
        <translation>{} malen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>erase {}</source>
        <translation>{} radieren</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>call it {}</source>
        <translation>{} nennen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>Importing: {}</source>
        <translation>Import: {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>The coordinate system of the labels does not reach there.</source>
        <translation>Das Koordinatensystem der Labels reicht nicht bis dorthin.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/labels.py"/>
        <source>import {} labels</source>
        <translation>{} Labels importieren</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Choose a layer</source>
        <translation>Layer wählen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Points, polygons or lines whose class is known, in any coordinate system</source>
        <translation>Punkte, Polygone oder Linien bekannter Klasse, in jedem Koordinatensystem</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>The field that holds the class, as text or number</source>
        <translation>Das Feld mit der Klasse, als Text oder Zahl</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Only selected features</source>
        <translation>Nur ausgewählte Objekte</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Those that are selected in the layer now</source>
        <translation>Die jetzt im Layer ausgewählten</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Import as labels</source>
        <translation>Als Labels importieren</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Copy the features into the labels; one undo takes them out again</source>
        <translation>Die Objekte in die Labels kopieren; ein Rückgängig nimmt sie wieder heraus</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Class field</source>
        <translation>Feld</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Labels (*.gpkg)</source>
        <translation>Labels (*.gpkg)</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Library of labels</source>
        <translation>Bibliothek der Labels</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>My library</source>
        <translation>Meine Bibliothek</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Where labels of all projects gather: {} unless you choose a file</source>
        <translation>Wo sich die Labels aller Projekte sammeln: {}, wenn keine Datei gewählt ist</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>of any date</source>
        <translation>jedes Datums</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>within </source>
        <translation>binnen </translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source> days</source>
        <translation> Tagen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>How far a label&apos;s date may be from the image&apos;s</source>
        <translation>Wie weit das Datum eines Labels von dem des Bildes abweichen darf</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Add to library</source>
        <translation>Ablegen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Copy all labels there; what is there already is brought up to date</source>
        <translation>Alle Labels dorthin kopieren; was schon da ist, wird erneuert</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Take what lies here</source>
        <translation>Von hier holen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Copy the labels of the library that lie on the image</source>
        <translation>Die Labels der Bibliothek kopieren, die auf dem Bild liegen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Library</source>
        <translation>Bibliothek</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>Work with the labels of another file</source>
        <translation>Mit den Labels einer anderen Datei arbeiten</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>No labels yet</source>
        <translation>Noch keine Labels</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/other_labels.py"/>
        <source>A file is made with the first class</source>
        <translation>Mit der ersten Klasse entsteht eine Datei</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/preview.py"/>
        <source>Preview: classes</source>
        <translation>Vorschau: Klassen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Where next?</source>
        <translation>Wo als Nächstes?</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Go to places whose label would help most</source>
        <translation>Zu Orten gehen, deren Label am meisten hülfe</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Check labels</source>
        <translation>Labels prüfen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Go to labels that are likely mistakes</source>
        <translation>Zu Labels gehen, die wohl Fehler sind</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Done</source>
        <translation>Fertig</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Stop visiting; the keys choose classes again</source>
        <translation>Rundgang beenden; die Tasten wählen wieder Klassen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>No place stands out: the map is as sure as these labels can make it.</source>
        <translation>Kein Ort sticht heraus: Die Karte ist so sicher, wie diese Labels sie machen.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Skip</source>
        <translation>Überspringen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>No label looks like a mistake.</source>
        <translation>Kein Label sieht wie ein Fehler aus.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Keep as it is</source>
        <translation>Lassen, wie es ist</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>All visited. Ask again for the next ones.</source>
        <translation>Alle besucht. Für die nächsten erneut fragen.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>All visited.</source>
        <translation>Alle besucht.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Few labels: {}.</source>
        <translation>Wenige Labels: {}.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Few of the labelled pixels: {}.</source>
        <translation>Wenige der gelabelten Pixel: {}.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>what is here?</source>
        <translation>was ist hier?</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>{}, {} % sure</source>
        <translation>{}, {} % sicher</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>{}, likely {}</source>
        <translation>{}, wohl {}</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/review.py"/>
        <source>Labelled {}, likely {}.</source>
        <translation>Gelabelt als {}, wohl {}.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>Try again</source>
        <translation>Erneut versuchen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>Open the session again; the labels are kept</source>
        <translation>Die Sitzung neu öffnen; die Labels bleiben</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>Preview</source>
        <translation>Vorschau</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>Show the preview; hold H over the map to look beneath it</source>
        <translation>Die Vorschau zeigen; H über der Karte halten, um darunter zu sehen</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>How much of the preview covers the image</source>
        <translation>Wie sehr die Vorschau das Bild bedeckt</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/state_panel.py"/>
        <source>Opacity of the preview</source>
        <translation>Deckkraft der Vorschau</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>How good is it?</source>
        <translation>Wie gut ist er?</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>Leave out labels in turn, and see how many are mapped right</source>
        <translation>Labels der Reihe nach auslassen und sehen, wie viele richtig kartiert werden</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>What did each layer help?</source>
        <translation>Was half jeder Layer?</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>Leave out one layer after the other, and see how much is mapped right</source>
        <translation>Einen Layer nach dem anderen auslassen und sehen, wie viel richtig kartiert wird</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>The labels have changed since.</source>
        <translation>Seither haben sich die Labels geändert.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>There are too few labels to tell.</source>
        <translation>Es sind zu wenige Labels, um es zu sagen.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>{} % of the pixels of labels left out are right.</source>
        <translation>{} % der Pixel ausgelassener Labels stimmen.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>{} % of the pixels of labels left out are right, F1 {}.</source>
        <translation>{} % der Pixel ausgelassener Labels stimmen, F1 {}.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>Its confidence is off by {} %.</source>
        <translation>Seine Konfidenz liegt um {} % daneben.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/trust_panel.py"/>
        <source>Its confidence is off by {} %, {} % before it was calibrated.</source>
        <translation>Seine Konfidenz liegt um {} % daneben, vor der Kalibrierung um {} %.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>{}: {} %</source>
        <translation>{}: {} %</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>{}…</source>
        <translation>{}…</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>Getting to know the image…</source>
        <translation>Das Bild wird kennengelernt…</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>Encoding what the map shows…</source>
        <translation>Was die Karte zeigt, wird kodiert…</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>Encoding what the map shows: {} %</source>
        <translation>Was die Karte zeigt, wird kodiert: {} %</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>Ready to learn.</source>
        <translation>Bereit zu lernen.</translation>
    </message>
    <message>
        <location filename="../../ui/teaching/words.py"/>
        <source>The preview is up to date.</source>
        <translation>Die Vorschau ist aktuell.</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>The magnitude whose threshold is moved</source>
        <translation>Die Stärke, deren Schwellenwert verschoben wird</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>From which magnitude on a place counts as changed</source>
        <translation>Ab welcher Stärke ein Ort als geändert gilt</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>Threshold of the magnitude</source>
        <translation>Schwellenwert der Stärke</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>The threshold as a number</source>
        <translation>Der Schwellenwert als Zahl</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>Set it so that at most so much of the unchanged ground counts as changed</source>
        <translation>So setzen, dass höchstens so viel vom unveränderten Boden als geändert gilt</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>Threshold by false alarms</source>
        <translation>Schwellenwert nach Fehlalarmen</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>Make polygons</source>
        <translation>Polygone machen</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>Outline what counts as changed now; nothing is computed anew</source>
        <translation>Umreißen, was nun als geändert gilt; nichts wird neu gerechnet</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>What counts as changed?</source>
        <translation>Was gilt als geändert?</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>{} % false alarms</source>
        <translation>{} % Fehlalarme</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>About {} changed, {} % of what was compared</source>
        <translation>Etwa {} geändert, {} % des Verglichenen</translation>
    </message>
    <message>
        <location filename="../../ui/threshold_panel.py"/>
        <source>{}, from {} on</source>
        <translation>{}, ab {}</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>The places; those with a check mark have an answer</source>
        <translation>Die Orte; die mit Haken haben eine Antwort</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>The place before (key {})</source>
        <translation>Der Ort davor (Taste {})</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>The next place (key {})</source>
        <translation>Der nächste Ort (Taste {})</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>Bring the place back to the middle of the map (key {})</source>
        <translation>Den Ort zurück in die Kartenmitte holen (Taste {})</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>{}{} of {}: {}</source>
        <translation>{}{} von {}: {}</translation>
    </message>
    <message>
        <location filename="../../ui/visits.py"/>
        <source>{} (key {})</source>
        <translation>{} (Taste {})</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Overall accuracy (0 to 1)</source>
        <translation>Gesamtgenauigkeit (0 bis 1)</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Lower end of its 95 % interval</source>
        <translation>Untere Grenze ihres 95-%-Intervalls</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Upper end of its 95 % interval</source>
        <translation>Obere Grenze ihres 95-%-Intervalls</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Places compared</source>
        <translation>Verglichene Orte</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Assess a map</source>
        <translation>Karte bewerten</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Accuracy and areas of a map, with intervals, from places whose class is known.</source>
        <translation>Genauigkeit und Flächen einer Karte, mit Intervallen, aus Orten bekannter Klasse.</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>accuracy,validation,confusion matrix,error matrix,area estimation,kappa,f1</source>
        <translation>Genauigkeit,Validierung,Konfusionsmatrix,Fehlermatrix,Flächenschätzung,Kappa,F1</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Reference (points or polygons)</source>
        <translation>Referenz (Punkte oder Polygone)</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Places whose class is known; check points drawn from the map are best.</source>
        <translation>Orte bekannter Klasse; am besten Prüfpunkte, die aus der Karte gezogen wurden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Field with the class</source>
        <translation>Feld mit der Klasse</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Names or values of the map&apos;s classes. Places without one are left out.</source>
        <translation>Namen oder Werte der Klassen der Karte. Orte ohne Angabe werden weggelassen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>How the reference was chosen</source>
        <translation>Wie die Referenz gewählt wurde</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>auto: as the fields of check points say. random: at random, over the map or in each class.</source>
        <translation>auto: wie die Felder der Prüfpunkte sagen. random: zufällig, über die Karte oder in jeder Klasse.</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Map of classes</source>
        <translation>Klassenkarte</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>A raster whose values are classes.</source>
        <translation>Ein Raster, dessen Werte Klassen sind.</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>HTML files (*.html)</source>
        <translation>HTML-Dateien (*.html)</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>Figures</source>
        <translation>Kennzahlen</translation>
    </message>
    <message>
        <location filename="../../algorithms/assess.py"/>
        <source>JSON files (*.json)</source>
        <translation>JSON-Dateien (*.json)</translation>
    </message>
    <message>
        <location filename="../../algorithms/base.py"/>
        <source>Model that was used</source>
        <translation>Benutztes Modell</translation>
    </message>
    <message>
        <location filename="../../algorithms/base.py"/>
        <source>Device that was used</source>
        <translation>Benutztes Gerät</translation>
    </message>
    <message>
        <location filename="../../algorithms/base.py"/>
        <source>Pixels computed</source>
        <translation>Gerechnete Pixel</translation>
    </message>
    <message>
        <location filename="../../algorithms/base.py"/>
        <source>Seconds it took</source>
        <translation>Dauer in Sekunden</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Area with a break in square metres</source>
        <translation>Fläche mit Bruch in Quadratmetern</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Number of dates</source>
        <translation>Anzahl der Termine</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Find breaks in a series</source>
        <translation>Brüche in einer Reihe finden</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Say of each place of a series of dates when it changed most, by how much and how surely.</source>
        <translation>Sagt für jeden Ort einer Reihe von Terminen, wann er sich am meisten änderte, wie sehr und wie sicher.</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>time series,break,bfast,deforestation,disturbance,many dates,change</source>
        <translation>Zeitreihe,Bruch,BFAST,Entwaldung,Störung,viele Termine,Änderung,Veränderung</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Index or band</source>
        <translation>Index oder Kanal</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>ndvi, nbr, ndmi, ndwi, mndwi, ndre, or a band&apos;s name. Empty: NDVI, or the only band.</source>
        <translation>ndvi, nbr, ndmi, ndwi, mndwi, ndre, oder der Name eines Kanals. Leer: NDVI, oder der einzige Kanal.</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Waves of a year&apos;s season</source>
        <translation>Wellen der Jahreszeit</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>1 for a smooth season; 2 or 3 for double crops, which take more dates.</source>
        <translation>1 für einen glatten Jahresgang; 2 oder 3 bei zwei Ernten, was mehr Termine braucht.</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Significance</source>
        <translation>Signifikanz</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Share of places without any break that noise alone may have break.</source>
        <translation>Anteil der Orte ohne Bruch, denen das Rauschen allein einen geben darf.</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Series</source>
        <translation>Reihe</translation>
    </message>
    <message>
        <location filename="../../algorithms/breaks.py"/>
        <source>Eight or more dates of the same bands: layers, or a folder of files.</source>
        <translation>Acht oder mehr Termine derselben Kanäle: Layer, oder ein Ordner mit Dateien.</translation>
    </message>
    <message>
        <location filename="../../algorithms/calls.py"/>
        <source>The algorithm did not start.</source>
        <translation>Der Algorithmus startete nicht.</translation>
    </message>
    <message>
        <location filename="../../algorithms/calls.py"/>
        <source>QGIS is not initialised.</source>
        <translation>QGIS ist nicht initialisiert.</translation>
    </message>
    <message>
        <location filename="../../algorithms/calls.py"/>
        <source>Start the script with QgsApplication([], False) and initQgis().</source>
        <translation>Das Skript mit QgsApplication([], False) und initQgis() beginnen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/calls.py"/>
        <source>The algorithm geofm:{} is of another copy of GeoFM.</source>
        <translation>Der Algorithmus geofm:{} gehört zu einer anderen Kopie von GeoFM.</translation>
    </message>
    <message>
        <location filename="../../algorithms/calls.py"/>
        <source>The result {} cannot be opened.</source>
        <translation>Das Ergebnis {} kann nicht geöffnet werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Threshold that was used</source>
        <translation>Benutzter Schwellenwert</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Changed area in square metres</source>
        <translation>Geänderte Fläche in Quadratmetern</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Detect change</source>
        <translation>Änderungen erkennen</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Compare two dates by what a model sees and map what is different.</source>
        <translation>Vergleicht zwei Termine nach dem, was ein Modell sieht, und kartiert, was anders ist.</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>change detection,difference,two dates,bitemporal,deforestation</source>
        <translation>Änderungserkennung,Veränderung,Differenz,zwei Termine,bitemporal,Entwaldung</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Earlier image</source>
        <translation>Früheres Bild</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Layers of the earlier date.</source>
        <translation>Layer des früheren Termins.</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Later image</source>
        <translation>Späteres Bild</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Layers of the later date.</source>
        <translation>Layer des späteren Termins.</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Date of the earlier image</source>
        <translation>Datum des früheren Bildes</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Date of the later image</source>
        <translation>Datum des späteren Bildes</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Magnitude of change</source>
        <translation>Stärke der Änderung</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Table of areas</source>
        <translation>Flächentabelle</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>CSV files (*.csv)</source>
        <translation>CSV-Dateien (*.csv)</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>distance: of what the model sees. irmad: multivariate alteration of the bands, without a model. difference: of the bands as they are. taught: by labelled changes. classes: what a classifier, or a model that segments, maps on both dates.</source>
        <translation>distance: dessen, was das Modell sieht. irmad: multivariate Änderung der Kanäle, ohne Modell. difference: der Kanäle, wie sie sind. taught: nach gelabelten Änderungen. classes: was ein Klassifikator, oder ein segmentierendes Modell, an beiden Terminen kartiert.</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Empty: chosen from the image itself; the log says which.</source>
        <translation>Leer: aus dem Bild selbst gewählt; das Protokoll sagt, welcher.</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Sets the threshold so that no more is called change where nothing changed.</source>
        <translation>Setzt den Schwellenwert so, dass nicht mehr Änderung heißt, wo sich nichts änderte.</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Bring the later image to the light of the earlier one</source>
        <translation>Das spätere Bild an das Licht des früheren angleichen</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Band by band, from pixels that did not change.</source>
        <translation>Kanal für Kanal, nach Pixeln, die sich nicht änderten.</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Where the images lie beside one another</source>
        <translation>Wenn die Bilder nicht aufeinanderliegen</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>correct moves the later image by parts of a pixel, warn only tells, off does not look.</source>
        <translation>correct verschiebt das spätere Bild auf Bruchteile eines Pixels, warn meldet nur, off sieht nicht nach.</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Cloud, shadow and snow</source>
        <translation>Wolken, Schatten und Schnee</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Left out on both dates: by a band such as Fmask or SCL, by a model, or auto by what there is.</source>
        <translation>An beiden Terminen weggelassen: nach einem Kanal wie Fmask oder SCL, durch ein Modell, oder mit auto nach dem, was da ist.</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Labelled changes (points or polygons)</source>
        <translation>Gelabelte Änderungen (Punkte oder Polygone)</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>For the method taught: places that changed, and places that did not.</source>
        <translation>Für die Methode taught: Orte, die sich änderten, und Orte, die es nicht taten.</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Field that says what changed</source>
        <translation>Feld, das sagt, was sich änderte</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>Classifier of both dates</source>
        <translation>Klassifikator beider Termine</translation>
    </message>
    <message>
        <location filename="../../algorithms/change.py"/>
        <source>For the method classes, in place of the model: its classes are compared.</source>
        <translation>Für die Methode classes, statt des Modells: Seine Klassen werden verglichen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Points drawn</source>
        <translation>Gezogene Punkte</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Standard error to expect (0 to 1)</source>
        <translation>Zu erwartender Standardfehler (0 bis 1)</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Draw check points</source>
        <translation>Prüfpunkte ziehen</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Draw a random sample of a map, to be checked point by point.</source>
        <translation>Zieht eine Zufallsstichprobe einer Karte, die Punkt für Punkt geprüft wird.</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>accuracy,sampling,stratified,random points,validation,reference,ground truth</source>
        <translation>Genauigkeit,Stichprobe,geschichtet,Zufallspunkte,Validierung,Referenz,Bodenwahrheit</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Number of points</source>
        <translation>Anzahl der Punkte</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Two of each class at least; 50 of each are usual. Not used with a standard error.</source>
        <translation>Mindestens zwei je Klasse; üblich sind je 50. Gilt nicht, wenn ein Standardfehler gegeben ist.</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Or standard error of the accuracy to reach</source>
        <translation>Oder zu erreichender Standardfehler der Genauigkeit</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>0.02 lets the overall accuracy be known to about 0.04 either way.</source>
        <translation>Mit 0,02 ist die Gesamtgenauigkeit auf etwa 0,04 nach beiden Seiten bekannt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Points of each class</source>
        <translation>Punkte je Klasse</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>By area with a minimum for rare classes (mixed), by area alone, or the same for each.</source>
        <translation>Nach Fläche mit einer Mindestzahl für seltene Klassen (mixed), nur nach Fläche, oder für jede gleich viele.</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Check points</source>
        <translation>Prüfpunkte</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Minimum for rare classes</source>
        <translation>Mindestzahl für seltene Klassen</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>With mixed: as far as half of all points suffice for it.</source>
        <translation>Bei mixed: soweit die Hälfte aller Punkte dafür reicht.</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Accuracy to expect</source>
        <translation>Zu erwartende Genauigkeit</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>From 0 to 1; it decides how many points a standard error takes.</source>
        <translation>Von 0 bis 1; danach richtet sich, wie viele Punkte ein Standardfehler braucht.</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Do not tell what the map shows</source>
        <translation>Nicht verraten, was die Karte zeigt</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Who knows the map&apos;s answer tends to agree with it.</source>
        <translation>Wer die Antwort der Karte kennt, stimmt ihr eher zu.</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>Seed of the draw</source>
        <translation>Startwert der Ziehung</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>The same seed draws the same points; another one draws others.</source>
        <translation>Derselbe Startwert zieht dieselben Punkte, ein anderer andere.</translation>
    </message>
    <message>
        <location filename="../../algorithms/checkpoints.py"/>
        <source>The number of points must be 1 at least.</source>
        <translation>Die Anzahl der Punkte muss mindestens 1 sein.</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Percent of the pixels called unknown</source>
        <translation>Anteil der Pixel, die unbekannt heißen, in Prozent</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Percent of the pixels unlike anything labelled</source>
        <translation>Anteil der Pixel, die nichts Gelabeltem gleichen, in Prozent</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Classify</source>
        <translation>Klassifizieren</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Map the classes that a classifier was taught.</source>
        <translation>Kartiert die Klassen, die ein Klassifikator gelernt hat.</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>classification,supervised,land cover,prediction,map</source>
        <translation>Klassifikation,Klassifizierung,überwacht,Landbedeckung,Vorhersage,Karte</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Bands like those that the classifier was taught with.</source>
        <translation>Kanäle wie die, aus denen der Klassifikator lernte.</translation>
    </message>
    <message>
        <location filename="../../algorithms/classify.py"/>
        <source>Class map</source>
        <translation>Klassenkarte</translation>
    </message>
    <message>
        <location filename="../../algorithms/classifymany.py"/>
        <source>Classify many images</source>
        <translation>Viele Bilder klassifizieren</translation>
    </message>
    <message>
        <location filename="../../algorithms/classifymany.py"/>
        <source>Map each of many images with a taught classifier, which is loaded once.</source>
        <translation>Kartiert jedes von vielen Bildern mit einem angelernten Klassifikator, der einmal geladen wird.</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>Group similar places</source>
        <translation>Ähnliche Orte gruppieren</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>Divide an image into clusters that look alike, without any labels.</source>
        <translation>Teilt ein Bild in Cluster, die sich gleichen, ganz ohne Labels.</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>clustering,unsupervised,k-means,isodata,segments</source>
        <translation>Clustering,Clusteranalyse,unüberwacht,k-means,ISODATA,Segmente</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>Number of clusters</source>
        <translation>Anzahl der Cluster</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>One or more layers of the same place.</source>
        <translation>Ein oder mehrere Layer desselben Ortes.</translation>
    </message>
    <message>
        <location filename="../../algorithms/cluster.py"/>
        <source>Clusters</source>
        <translation>Cluster</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>Accept change {}: {}</source>
        <translation>Änderung {} annehmen: {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>{} cannot be edited.</source>
        <translation>{} kann nicht bearbeitet werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>It, its file or your rights may be read-only: save it as a layer of your own.</source>
        <translation>Layer, Datei oder Ihre Rechte sind vielleicht schreibgeschützt: als eigenen Layer speichern.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>{} takes no new fields.</source>
        <translation>{} nimmt keine neuen Felder an.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>Go on without fields of provenance.</source>
        <translation>Ohne Felder für die Herkunft weitermachen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>Add fields of provenance</source>
        <translation>Felder für die Herkunft hinzufügen</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>{} did not take the edit.</source>
        <translation>{} nahm die Bearbeitung nicht an.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>It may lack the right to add, change or delete features.</source>
        <translation>Vielleicht fehlt das Recht, Objekte hinzuzufügen, zu ändern oder zu löschen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>The feature is of another class now: {}.</source>
        <translation>Das Objekt hat nun eine andere Klasse: {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>none</source>
        <translation>keine</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>The field {} does not allow it: {}.</source>
        <translation>Das Feld {} erlaubt es nicht: {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>Give the field a default value, or make this edit by hand.</source>
        <translation>Dem Feld einen Vorgabewert geben, oder von Hand bearbeiten.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>GeoFM, change {} to {}</source>
        <translation>GeoFM, Änderung {} bis {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>{}, magnitude {}</source>
        <translation>{}, Stärke {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>The field {} holds no dates or texts.</source>
        <translation>Das Feld {} enthält weder Daten noch Texte.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_applying.py"/>
        <source>Choose a field of dates or of text.</source>
        <translation>Ein Datums- oder Textfeld wählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_calls.py"/>
        <source>Edits need a layer, not a path: its edit session is where they are kept until you save.</source>
        <translation>Bearbeitungen brauchen einen Layer, keinen Pfad: Seine Bearbeitungssitzung hält sie bis zum Speichern.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_calls.py"/>
        <source>Open it with QgsVectorLayer(path, name).</source>
        <translation>Mit QgsVectorLayer(path, name) öffnen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_calls.py"/>
        <source>The condition cannot be understood: {}</source>
        <translation>Die Bedingung ist nicht zu verstehen: {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>The field {} cannot hold the class {}.</source>
        <translation>Das Feld {} kann die Klasse {} nicht aufnehmen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>Name the codes of the classes in the field&apos;s form (Value Map), or in the legend.</source>
        <translation>Die Codes der Klassen im Formular des Feldes (Wertabbildung) oder in der Legende benennen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>{} is too long for the field {}.</source>
        <translation>{} ist zu lang für das Feld {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>{} has no field {}.</source>
        <translation>{} hat kein Feld {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>Its fields are: {}.</source>
        <translation>Seine Felder sind: {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>{} is a joined or computed field, which cannot be edited here.</source>
        <translation>{} ist ein verknüpftes oder berechnetes Feld und kann hier nicht bearbeitet werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_classes.py"/>
        <source>Choose a field of the layer itself.</source>
        <translation>Ein Feld des Layers selbst wählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_matching.py"/>
        <source>The feature is gone.</source>
        <translation>Das Objekt ist fort.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_matching.py"/>
        <source>The feature has another shape now.</source>
        <translation>Das Objekt hat nun eine andere Form.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_matching.py"/>
        <source>The feature has another shape now: it no longer holds the whole part.</source>
        <translation>Das Objekt hat nun eine andere Form: Es enthält nicht mehr den ganzen Teil.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_matching.py"/>
        <source>There is a feature now where one was to be added.</source>
        <translation>Wo eines hinzukommen sollte, ist nun ein Objekt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_proposals.py"/>
        <source>Its class is not known.</source>
        <translation>Seine Klasse ist nicht bekannt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_proposals.py"/>
        <source>{} % of the feature changed.</source>
        <translation>{} % des Objekts änderten sich.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_reading.py"/>
        <source>{} cannot be edited as it is opened here; proposals are made all the same.</source>
        <translation>{} kann, so wie es hier geöffnet ist, nicht bearbeitet werden; vorgeschlagen wird trotzdem.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_reading.py"/>
        <source>{} is filtered: places of features that the filter hides count as free.</source>
        <translation>{} ist gefiltert: Orte ausgeblendeter Objekte gelten als frei.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>The edit was saved with the layer.</source>
        <translation>Die Bearbeitung wurde mit dem Layer gespeichert.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>Change the feature by hand.</source>
        <translation>Das Objekt von Hand ändern.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>Other edits were made after it.</source>
        <translation>Danach wurde anderes bearbeitet.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>Undo those first (Ctrl+Z with the layer active).</source>
        <translation>Das zuerst rückgängig machen (Strg+Z bei aktivem Layer).</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>{} holds no proposed edits.</source>
        <translation>{} enthält keine vorgeschlagenen Bearbeitungen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_session.py"/>
        <source>Run geofm:proposeedits first.</source>
        <translation>Zuerst geofm:proposeedits laufen lassen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_styles.py"/>
        <source>Retire</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_styles.py"/>
        <source>Split</source>
        <translation>Teilen</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_styles.py"/>
        <source>Reclass</source>
        <translation>Umklassieren</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_styles.py"/>
        <source>Accepted</source>
        <translation>Angenommen</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_styles.py"/>
        <source>Rejected</source>
        <translation>Abgelehnt</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>add {}</source>
        <translation>{} hinzufügen</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>retire {}</source>
        <translation>{} beenden</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>split: {}</source>
        <translation>teilen: {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>{} to {}</source>
        <translation>{} zu {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>unknown</source>
        <translation>unbekannt</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>nothing</source>
        <translation>nichts</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>The proposals cannot be written to {}.</source>
        <translation>Die Vorschläge können nicht in {} geschrieben werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>What was decided could not be written to {}.</source>
        <translation>Was entschieden wurde, konnte nicht in {} geschrieben werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/edit_table.py"/>
        <source>The file may be read-only, or another program may be writing to it.</source>
        <translation>Die Datei ist vielleicht schreibgeschützt, oder ein anderes Programm schreibt darin.</translation>
    </message>
    <message>
        <location filename="../../algorithms/embed.py"/>
        <source>Compute features</source>
        <translation>Merkmale berechnen</translation>
    </message>
    <message>
        <location filename="../../algorithms/embed.py"/>
        <source>Write what a foundation model sees at each place as a raster of features.</source>
        <translation>Schreibt, was ein Basismodell an jedem Ort sieht, als Raster von Merkmalen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/embed.py"/>
        <source>embedding,embeddings,encoder,foundation model,galileo</source>
        <translation>Einbettung,Embedding,Merkmale,Encoder,Basismodell,Foundation Model,Galileo</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>{} has no file that the engine can read as it is shown; {} x {} pixels are copied first.</source>
        <translation>{} hat keine Datei, die die Engine so lesen kann, wie es gezeigt wird; {} x {} Pixel werden zuerst kopiert.</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>{} is a web map without pixels of its own.</source>
        <translation>{} ist ein Web-Layer ohne eigene Pixel.</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>Choose an extent to work in.</source>
        <translation>Eine Ausdehnung wählen, in der gearbeitet wird.</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>The extent lies outside of {}.</source>
        <translation>Die Ausdehnung liegt außerhalb von {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>The copy of {} would have {} million pixels.</source>
        <translation>Die Kopie von {} hätte {} Millionen Pixel.</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>Choose a smaller extent or a coarser RESOLUTION.</source>
        <translation>Eine kleinere Ausdehnung oder eine gröbere RESOLUTION wählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>The server of {} did not answer: {}.</source>
        <translation>Der Server von {} antwortete nicht: {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>Check the address and the connection, then run it again.</source>
        <translation>Adresse und Verbindung prüfen, dann erneut starten.</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>The pixels of {} could not be copied to a file.</source>
        <translation>Die Pixel von {} konnten nicht in eine Datei kopiert werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>Export the layer to a GeoTIFF yourself and use that.</source>
        <translation>Den Layer selbst als GeoTIFF exportieren und diesen benutzen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/export.py"/>
        <source>The pixels of {} cannot be read.</source>
        <translation>Die Pixel von {} können nicht gelesen werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>There is a file {} already.</source>
        <translation>Es gibt schon eine Datei {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>{} holds no labels of GeoFM.</source>
        <translation>{} enthält keine Labels von GeoFM.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>Add it to the project and import its features as labels.</source>
        <translation>Zum Projekt hinzufügen und die Objekte als Labels importieren.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>Labels: points</source>
        <translation>Labels: Punkte</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>Labels: areas</source>
        <translation>Labels: Flächen</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_layer.py"/>
        <source>There is no class with the value {}.</source>
        <translation>Es gibt keine Klasse mit dem Wert {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_schema.py"/>
        <source>No label file can be made in {}.</source>
        <translation>In {} kann keine Labeldatei angelegt werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_schema.py"/>
        <source>Choose another folder.</source>
        <translation>Einen anderen Ordner wählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>These labels have no place on Earth.</source>
        <translation>Diese Labels haben keinen Ort auf der Erde.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>Set the coordinate system of the image, then label it.</source>
        <translation>Das Koordinatensystem des Bildes setzen, dann labeln.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} labels are new in {}, which holds {} now.</source>
        <translation>{} Labels sind neu in {}; dort sind nun {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>Without a coordinate system no label can be found again.</source>
        <translation>Ohne Koordinatensystem ist kein Label wiederzufinden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>The scene has no place in the library.</source>
        <translation>Die Szene hat keinen Ort in der Bibliothek.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} labels of {} classes from {}.</source>
        <translation>{} Labels von {} Klassen aus {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} without a shape</source>
        <translation>{} ohne Form</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} without a class</source>
        <translation>{} ohne Klasse</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} outside the coordinate system</source>
        <translation>{} außerhalb des Koordinatensystems</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} lines</source>
        <translation>{} Linien</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} of another or no date</source>
        <translation>{} von anderem oder ohne Datum</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} that are here already</source>
        <translation>{}, die schon hier sind</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_sources.py"/>
        <source>{} Left out: {}.</source>
        <translation>{} Ausgelassen: {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_styles.py"/>
        <source>no class</source>
        <translation>keine Klasse</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>The label file {} is gone.</source>
        <translation>Die Labeldatei {} ist fort.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>Choose another one.</source>
        <translation>Eine andere wählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>There is no room on the disk for labels in {}.</source>
        <translation>Auf dem Datenträger ist kein Platz für Labels in {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>Nothing of the file was changed. Make room, or choose a file elsewhere.</source>
        <translation>An der Datei wurde nichts geändert. Platz schaffen, oder eine Datei anderswo wählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>Another program is writing to {}.</source>
        <translation>Ein anderes Programm schreibt in {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>Try again when it has ended.</source>
        <translation>Nach dessen Ende erneut versuchen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>The labels in {} cannot be read.</source>
        <translation>Die Labels in {} können nicht gelesen werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>The labels in {} cannot be changed.</source>
        <translation>Die Labels in {} können nicht geändert werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>The file or its folder may be read-only: choose a file elsewhere.</source>
        <translation>Die Datei oder ihr Ordner ist vielleicht schreibgeschützt: eine Datei anderswo wählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/label_tables.py"/>
        <source>A map holds no more than {} classes.</source>
        <translation>Eine Karte hat höchstens {} Klassen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>The layer {} is not a readable raster.</source>
        <translation>Der Layer {} ist kein lesbares Raster.</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>(none)</source>
        <translation>(keine)</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>Check its data source in the layer&apos;s properties.</source>
        <translation>Seine Datenquelle in den Eigenschaften des Layers prüfen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>scale</source>
        <translation>Skalierung</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>offset</source>
        <translation>Offset</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>{} is not a date.</source>
        <translation>{} ist kein Datum.</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>Write it as year-month-day: 2024-07-31.</source>
        <translation>Als Jahr-Monat-Tag schreiben: 2024-07-31.</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>The {} {} of the layer {} is not a number.</source>
        <translation>{} {} des Layers {} ist keine Zahl.</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>BANDS describes {} layers, but there are {}.</source>
        <translation>BANDS beschreibt {} Layer, es sind aber {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>Separate the layers by ; and leave a part empty where the file says it itself.</source>
        <translation>Die Layer mit ; trennen und einen Teil leer lassen, wo die Datei es selbst sagt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>{} bands are named, but the layer {} has {}.</source>
        <translation>{} Kanäle sind genannt, aber der Layer {} hat {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/layers.py"/>
        <source>Name every band in the layer&apos;s order, with - for one that has no known identity.</source>
        <translation>Jeden Kanal in der Reihenfolge des Layers nennen, mit - für einen ohne bekannte Bedeutung.</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Images</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Each is mapped on its own.</source>
        <translation>Jedes wird für sich kartiert.</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Folder of the maps</source>
        <translation>Ordner der Karten</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Open the maps when they are done</source>
        <translation>Die Karten öffnen, wenn sie fertig sind</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Maps</source>
        <translation>Karten</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Images mapped</source>
        <translation>Kartierte Bilder</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Images that could not be mapped</source>
        <translation>Bilder, die nicht kartiert werden konnten</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Why they could not, one a line</source>
        <translation>Warum sie es nicht konnten, je Zeile eines</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>No image was given.</source>
        <translation>Es wurde kein Bild angegeben.</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>INPUTS needs at least one raster layer.</source>
        <translation>INPUTS braucht mindestens einen Rasterlayer.</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>{} of {} images are mapped.</source>
        <translation>{} von {} Bildern sind kartiert.</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>Image {} of {}: {}</source>
        <translation>Bild {} von {}: {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>image</source>
        <translation>Bild</translation>
    </message>
    <message>
        <location filename="../../algorithms/many.py"/>
        <source>The first {} images&apos; maps are opened; the others are in {}.</source>
        <translation>Die Karten der ersten {} Bilder sind geöffnet; die anderen liegen in {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>A model of the catalogue by its id, or the path of a card or ONNX file.</source>
        <translation>Ein Modell des Katalogs nach seiner ID, oder der Pfad einer Modellkarte oder ONNX-Datei.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>False alarms, in percent of the unchanged ground</source>
        <translation>Fehlalarme, in Prozent des unveränderten Bodens</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>A file that “Train a classifier” or the page Teach wrote.</source>
        <translation>Eine Datei, die „Klassifikator trainieren“ oder die Seite Anlernen schrieb.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Extent to work in</source>
        <translation>Ausdehnung, in der gearbeitet wird</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Empty for the whole image. The result covers whole pixels around it.</source>
        <translation>Leer für das ganze Bild. Das Ergebnis umfasst ganze Pixel darum.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Area to work in (polygons)</source>
        <translation>Gebiet, in dem gearbeitet wird (Polygone)</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Only pixels whose centre lies in a polygon are computed; the rest is left without data.</source>
        <translation>Nur Pixel, deren Mitte in einem Polygon liegt, werden gerechnet; der Rest bleibt ohne Daten.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Device</source>
        <translation>Gerät</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>auto takes the GPU if it is usable, of several the one with the most free memory; cuda:0, cuda:1 and so on are one of them. The log says which was used, and why.</source>
        <translation>auto nimmt die GPU, wenn sie benutzbar ist, von mehreren die mit dem meisten freien Speicher; cuda:0, cuda:1 und so weiter sind eine davon. Das Protokoll sagt, welche benutzt wurde und warum.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Band names, where the layers do not tell them</source>
        <translation>Namen der Kanäle, wo die Layer sie nicht sagen</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Names in the layers&apos; order (B02,B03,B04,B08), - for an unknown band, ; between layers; or one of: {}.</source>
        <translation>Namen in der Reihenfolge der Layer (B02,B03,B04,B08), - für einen unbekannten Kanal, ; zwischen Layern; oder eines von: {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Scale to reflectance, where the layers do not tell it</source>
        <translation>Skalierung zu Reflexion, wo die Layer sie nicht sagen</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Stored numbers times this are reflectance: 0.0001.</source>
        <translation>Gespeicherte Zahlen mal diesem sind Reflexion: 0.0001.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Offset of reflectance, where the layers do not tell it</source>
        <translation>Offset der Reflexion, wo die Layer ihn nicht sagen</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Added after the scale: -0.1 for Sentinel-2 products of 2022 and later.</source>
        <translation>Nach der Skalierung addiert: -0.1 bei Sentinel-2-Produkten ab 2022.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Grid of several layers</source>
        <translation>Gitter mehrerer Layer</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>That of the first layer, or of the finest: the one with the smallest pixels on the ground.</source>
        <translation>Das des ersten Layers, oder des feinsten: dessen mit den kleinsten Pixeln am Boden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Pixel size of layers that are no files</source>
        <translation>Pixelgröße von Layern, die keine Dateien sind</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Of web maps (XYZ, WMS) and coverage services, in the units of their coordinate system. Empty: like the first file among the layers, else their own.</source>
        <translation>Von Web-Karten (XYZ, WMS) und Coverage-Diensten, in den Einheiten ihres Koordinatensystems. Leer: wie die erste Datei unter den Layern, sonst ihre eigene.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Kept of the samples</source>
        <translation>Was von den Trainingsdaten behalten wird</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>places keeps them with where, when and by whom they were labelled; features keeps no more than teaching on needs; with nothing nobody can go on teaching.</source>
        <translation>places behält sie, mit wo, wann und von wem sie gelabelt wurden; features behält nicht mehr, als das Weiterlernen braucht; mit nothing kann niemand weiterlernen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Side of the blocks left out to measure the accuracy, in metres</source>
        <translation>Seite der Blöcke, die zum Messen der Genauigkeit ausgelassen werden, in Metern</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Samples of one block are left out together. Empty: as wide as the image is alike there.</source>
        <translation>Trainingsdaten eines Blocks werden zusammen ausgelassen. Leer: so breit, wie das Bild sich dort gleicht.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Tell what each layer was good for</source>
        <translation>Sagen, wozu jeder Layer gut war</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Measures the accuracy again with each layer left out, and how much of the difference is chance. Takes about as long again for each of them.</source>
        <translation>Misst die Genauigkeit erneut, wobei je ein Layer fehlt, und wie viel vom Unterschied Zufall ist. Dauert für jeden davon etwa noch einmal so lange.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Year-month-day. Some models use the season.</source>
        <translation>Jahr-Monat-Tag. Manche Modelle nutzen die Jahreszeit.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Date of the image</source>
        <translation>Datum des Bildes</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Call unknown what is less sure than, in percent</source>
        <translation>Unbekannt nennen, was weniger sicher ist als, in Prozent</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Call unknown what is unlike anything labelled</source>
        <translation>Unbekannt nennen, was nichts Gelabeltem gleicht</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>0 gives every pixel the likeliest class.</source>
        <translation>0 gibt jedem Pixel die wahrscheinlichste Klasse.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>There a classifier can only guess, however sure it says it is.</source>
        <translation>Dort kann ein Klassifikator nur raten, wie sicher er sich auch nennt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Smallest polygon, in square metres</source>
        <translation>Kleinstes Polygon, in Quadratmetern</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Smaller ones become part of what surrounds them. The raster stays as it is.</source>
        <translation>Kleinere gehen in ihrer Umgebung auf. Das Raster bleibt, wie es ist.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>Tolerance of the polygons&apos; borders, in pixels</source>
        <translation>Toleranz der Polygongrenzen, in Pixeln</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>0 keeps the edges of the pixels; 2 rounds their steps off. Neighbours keep common borders.</source>
        <translation>0 behält die Kanten der Pixel; 2 rundet ihre Stufen ab. Nachbarn behalten gemeinsame Grenzen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/parameters.py"/>
        <source>The maps are called after the images; maps of an earlier run are replaced.</source>
        <translation>Die Karten heißen nach den Bildern; Karten eines früheren Laufs werden ersetzt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Propose edits from changes</source>
        <translation>Bearbeitungen aus Änderungen vorschlagen</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Turn changed places into proposed edits of a layer: add, retire, split, reclass.</source>
        <translation>Macht aus geänderten Orten vorgeschlagene Bearbeitungen eines Layers: hinzufügen, beenden, teilen, umklassieren.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>update,geodatabase,edit,review,parcels,land cover,accept,reject</source>
        <translation>Fortführung,Aktualisierung,Geodatenbank,Bearbeitung,Durchsicht,Parzellen,Flurstücke,Landbedeckung,annehmen,ablehnen</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Edits proposed: {}</source>
        <translation>Vorgeschlagene Bearbeitungen: {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>The polygons of a change run, or any others that say what is there now.</source>
        <translation>Die Polygone eines Änderungslaufs, oder andere, die sagen, was nun da ist.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Their field with the new class</source>
        <translation>Ihr Feld mit der neuen Klasse</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Empty: to_class, where they have it.</source>
        <translation>Leer: to_class, wo es das gibt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Layer to update</source>
        <translation>Layer, der fortgeführt wird</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>It is only read: edits are made when you accept them.</source>
        <translation>Er wird nur gelesen: Bearbeitet wird, wenn angenommen wird.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Its field with the class</source>
        <translation>Sein Feld mit der Klasse</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Empty: features are only added, cut and retired.</source>
        <translation>Leer: Objekte werden nur hinzugefügt, geteilt und beendet.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Its field for the date of retirement</source>
        <translation>Sein Feld für das Datum des Endes</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Features with a value there are past. Empty: what is retired is deleted.</source>
        <translation>Objekte mit einem Wert darin sind vergangen. Leer: Was endet, wird gelöscht.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>A feature changed as a whole from, in percent</source>
        <translation>Ein Objekt änderte sich als Ganzes ab, in Prozent</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Where less of it changed, that part is cut off.</source>
        <translation>Wo sich weniger davon änderte, wird dieser Teil abgetrennt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Smallest part to cut off or add, in square metres</source>
        <translation>Kleinster Teil, der abgetrennt oder hinzugefügt wird, in Quadratmetern</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Empty: a quarter of the smallest changed place. It keeps slivers at borders out.</source>
        <translation>Leer: ein Viertel des kleinsten geänderten Ortes. Das hält Splitter an Grenzen fern.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Classes that the layer has no features of</source>
        <translation>Klassen, von denen der Layer keine Objekte hat</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>What becomes one of them is retired. Names with commas between.</source>
        <translation>Was zu einer davon wird, wird beendet. Namen, mit Kommas getrennt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} has no geometries.</source>
        <translation>{} hat keine Geometrien.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Choose a layer of polygons, lines or points.</source>
        <translation>Einen Layer mit Polygonen, Linien oder Punkten wählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Proposals cannot be written to {}.</source>
        <translation>In {} können keine Vorschläge geschrieben werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>The file&apos;s name must end with .gpkg.</source>
        <translation>Der Name der Datei muss auf .gpkg enden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} holds what is to be read, and would be replaced.</source>
        <translation>{} enthält, was gelesen werden soll, und würde ersetzt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Give the proposals a file of their own.</source>
        <translation>Den Vorschlägen eine eigene Datei geben.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>The layer to update cannot be read.</source>
        <translation>Der Layer, der fortgeführt werden soll, kann nicht gelesen werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>The changed places cannot be read.</source>
        <translation>Die geänderten Orte können nicht gelesen werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>Choose a layer of polygons.</source>
        <translation>Einen Layer mit Polygonen wählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} changed places have no area in the layer&apos;s coordinate system.</source>
        <translation>{} geänderte Orte haben im Koordinatensystem des Layers keine Fläche.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>There are no changed places.</source>
        <translation>Es gibt keine geänderten Orte.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>If only selected ones are to be used, select some.</source>
        <translation>Wenn nur ausgewählte gelten sollen, welche auswählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} edits of {} are proposed: {}</source>
        <translation>{} Bearbeitungen von {} sind vorgeschlagen: {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} parts of less than {} square metres were left alone.</source>
        <translation>{} Teile von weniger als {} Quadratmetern blieben unberührt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/proposeedits.py"/>
        <source>{} changed places lie on no feature; only layers of polygons get new ones.</source>
        <translation>{} geänderte Orte liegen auf keinem Objekt; nur Layer mit Polygonen bekommen neue.</translation>
    </message>
    <message>
        <location filename="../../algorithms/provider.py"/>
        <source>GeoFM - foundation models for maps</source>
        <translation>GeoFM - Basismodelle für Karten</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>{} cannot be opened as a raster.</source>
        <translation>{} kann nicht als Raster geöffnet werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>It holds several datasets; choose one, such as {}.</source>
        <translation>Darin sind mehrere Datensätze; einen wählen, etwa {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>Give the name of a raster layer or the path of a raster file.</source>
        <translation>Den Namen eines Rasterlayers oder den Pfad einer Rasterdatei angeben.</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>{} of the layers of {} cannot be opened.</source>
        <translation>{} der Layer von {} können nicht geöffnet werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>{} names no raster layer.</source>
        <translation>{} ist kein Rasterlayer.</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>Choose at least one raster layer; a path must lead to a raster file.</source>
        <translation>Mindestens einen Rasterlayer wählen; ein Pfad muss zu einer Rasterdatei führen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>The extent has no area.</source>
        <translation>Die Ausdehnung hat keine Fläche.</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>Draw or type a larger one.</source>
        <translation>Eine größere zeichnen oder eintippen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>{} cannot be written to {}.</source>
        <translation>{} kann nicht in {} geschrieben werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source>Its file name must end with {}.</source>
        <translation>Sein Dateiname muss auf {} enden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/reading.py"/>
        <source> or </source>
        <translation> oder </translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Pixels whose class changed</source>
        <translation>Pixel, deren Klasse sich änderte</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Ground whose class changed, in square metres</source>
        <translation>Boden, dessen Klasse sich änderte, in Quadratmetern</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Refine a map by what is known</source>
        <translation>Karte nach dem, was bekannt ist, verfeinern</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Rules and priors applied to a map of classes; a second raster says what changed.</source>
        <translation>Regeln und Priors, auf eine Klassenkarte angewandt; ein zweites Raster sagt, was sich änderte.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>rules,prior,knowledge,expression,post-processing,correct,slope,bayes</source>
        <translation>Regeln,Prior,Wissen,Ausdruck,Nachbearbeitung,berichtigen,Hangneigung,Bayes</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>As Classify writes it: for priors, and for rules that do not say what a class becomes.</source>
        <translation>Wie Klassifizieren sie schreibt: für Priors, und für Regeln, die nicht sagen, was aus einer Klasse wird.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Date of the map</source>
        <translation>Datum der Karte</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>What changed the map</source>
        <translation>Was die Karte änderte</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Table of changes</source>
        <translation>Tabelle der Änderungen</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>{} helper layers have {} names.</source>
        <translation>{} Hilfslayer haben {} Namen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Give one name for each, separated by commas, or none to take those of the layers.</source>
        <translation>Für jeden einen Namen angeben, mit Kommas getrennt, oder keinen: Dann gelten die Namen der Layer.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Two helper layers are called {}.</source>
        <translation>Zwei Hilfslayer heißen {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Rename one of the layers, or give names in HELPER_NAMES.</source>
        <translation>Einen der Layer umbenennen, oder in HELPER_NAMES Namen angeben.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>The prior cannot be read.</source>
        <translation>Der Prior kann nicht gelesen werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Choose a raster with one band a class, or polygons.</source>
        <translation>Ein Raster mit einem Kanal je Klasse wählen, oder Polygone.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Becomes</source>
        <translation>Wird zu</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Rules</source>
        <translation>Regeln</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>A class that is not, or becomes another one, where a condition holds: an expression over the helper layers and the columns class, value, confidence and date. An empty Becomes takes the next most probable class that is allowed; an empty Class means every class.</source>
        <translation>Eine Klasse, die unter einer Bedingung nicht sein kann oder zu einer anderen wird: ein Ausdruck über die Hilfslayer und die Spalten class, value, confidence und date. Ein leeres „Wird zu“ nimmt die nächstwahrscheinliche erlaubte Klasse; eine leere Klasse heißt jede Klasse.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Layers that rules look at</source>
        <translation>Layer, auf die Regeln sehen</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Rasters of any grid. Conditions name them: dem for the first band, dem@2 for the second, dem@slope for how steep it is, in degrees.</source>
        <translation>Raster mit beliebigem Gitter. Bedingungen nennen sie: dem für den ersten Kanal, dem@2 für den zweiten, dem@slope für die Hangneigung in Grad.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Prior of the classes</source>
        <translation>Prior der Klassen</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>How probable classes are at a place: a raster with one band a class, or polygons with a field for each class or one that names a class.</source>
        <translation>Wie wahrscheinlich Klassen an einem Ort sind: ein Raster mit einem Kanal je Klasse, oder Polygone mit einem Feld für jede Klasse oder einem, das eine Klasse nennt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Field of the prior that names a class</source>
        <translation>Feld des Priors, das eine Klasse nennt</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Of polygons. Empty: they have a field for each class, named after it.</source>
        <translation>Von Polygonen. Leer: Sie haben ein Feld für jede Klasse, das nach ihr heißt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Field with the probability of that class</source>
        <translation>Feld mit der Wahrscheinlichkeit dieser Klasse</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>From 0 to 1 or in percent; the other classes share the rest. Empty: certain.</source>
        <translation>Von 0 bis 1 oder in Prozent; die anderen Klassen teilen sich den Rest. Leer: sicher.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Weight of the prior</source>
        <translation>Gewicht des Priors</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Its exponent: 1 takes it as it is, 0.5 half as seriously, 0 not at all.</source>
        <translation>Sein Exponent: 1 nimmt ihn, wie er ist, 0,5 halb so ernst, 0 gar nicht.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>A prior of 0 means never</source>
        <translation>Ein Prior von 0 heißt nie</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Else a class keeps a hundredth, so that clear evidence can still win.</source>
        <translation>Sonst behält eine Klasse ein Hundertstel, damit deutliche Hinweise noch gewinnen können.</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Names of these layers</source>
        <translation>Namen dieser Layer</translation>
    </message>
    <message>
        <location filename="../../algorithms/refine.py"/>
        <source>Separated by commas, in their order. Empty: the names of the layers.</source>
        <translation>Mit Kommas getrennt, in ihrer Reihenfolge. Leer: die Namen der Layer.</translation>
    </message>
    <message>
        <location filename="../../algorithms/regress.py"/>
        <source>Measure with a ready-made model</source>
        <translation>Mit fertigem Modell messen</translation>
    </message>
    <message>
        <location filename="../../algorithms/regress.py"/>
        <source>Map the numbers that a trained network gives, such as heights or shares of cover.</source>
        <translation>Kartiert die Zahlen, die ein trainiertes Netz liefert, etwa Höhen oder Deckungsgrade.</translation>
    </message>
    <message>
        <location filename="../../algorithms/regress.py"/>
        <source>regression,height,biomass,yield,onnx,deep learning</source>
        <translation>Regression,Höhe,Biomasse,Ertrag,ONNX,Deep Learning</translation>
    </message>
    <message>
        <location filename="../../algorithms/reviewsamples.py"/>
        <source>Labels that look wrong</source>
        <translation>Labels, die falsch aussehen</translation>
    </message>
    <message>
        <location filename="../../algorithms/reviewsamples.py"/>
        <source>Labels there are</source>
        <translation>Vorhandene Labels</translation>
    </message>
    <message>
        <location filename="../../algorithms/reviewsamples.py"/>
        <source>Review labels</source>
        <translation>Labels durchsehen</translation>
    </message>
    <message>
        <location filename="../../algorithms/reviewsamples.py"/>
        <source>Find the labels of a classifier that look like mistakes.</source>
        <translation>Findet die Labels eines Klassifikators, die wie Fehler aussehen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/reviewsamples.py"/>
        <source>samples,training,labels,mistakes,outliers,cleaning</source>
        <translation>Trainingsdaten,Training,Labels,Fehler,Ausreißer,Bereinigung</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>The table of rules has {} cells, which are no whole rows of {}.</source>
        <translation>Die Tabelle der Regeln hat {} Zellen, was keine ganzen Zeilen zu {} ergibt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Each rule is a class, a condition and what it becomes; leave empty what is not needed.</source>
        <translation>Jede Regel ist eine Klasse, eine Bedingung und was daraus wird; was nicht gebraucht wird, bleibt leer.</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>It has no condition.</source>
        <translation>Sie hat keine Bedingung.</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Write one, such as {}.</source>
        <translation>Eine schreiben, etwa {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>{} is no expression: {}</source>
        <translation>{} ist kein Ausdruck: {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Layers and columns stand in double quotes, texts in single ones: {}.</source>
        <translation>Layer und Spalten stehen in doppelten Anführungszeichen, Texte in einfachen: {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>the operator {}</source>
        <translation>den Operator {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>the function {}</source>
        <translation>die Funktion {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Rules cannot use true and false.</source>
        <translation>Regeln können true und false nicht benutzen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Write 1 for what always holds.</source>
        <translation>Für das, was immer gilt, 1 schreiben.</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>There is no layer or column {}.</source>
        <translation>Es gibt keinen Layer und keine Spalte {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Known are: {}. Texts stand in single quotes.</source>
        <translation>Bekannt sind: {}. Texte stehen in einfachen Anführungszeichen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>Rules cannot use {}.</source>
        <translation>Regeln können {} nicht benutzen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/rules.py"/>
        <source>They have comparisons, arithmetic, AND, OR, NOT, IN, CASE, IS NULL and the functions {}.</source>
        <translation>Es gibt Vergleiche, Rechnen, AND, OR, NOT, IN, CASE, IS NULL und die Funktionen {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>The area cannot be read.</source>
        <translation>Das Gebiet kann nicht gelesen werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>The samples cannot be read.</source>
        <translation>Die Trainingsdaten können nicht gelesen werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>Choose a layer of points or polygons.</source>
        <translation>Einen Layer mit Punkten oder Polygonen wählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>{} has no polygons to work in.</source>
        <translation>{} hat keine Polygone, in denen gearbeitet werden kann.</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>{} has no features.</source>
        <translation>{} hat keine Objekte.</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>If only selected features are to be used, select some.</source>
        <translation>Wenn nur ausgewählte Objekte gelten sollen, welche auswählen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/samples.py"/>
        <source>The features cannot be written to {}.</source>
        <translation>Die Objekte können nicht in {} geschrieben werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/segment.py"/>
        <source>Map with a ready-made model</source>
        <translation>Mit fertigem Modell kartieren</translation>
    </message>
    <message>
        <location filename="../../algorithms/segment.py"/>
        <source>Map the classes that a trained network knows, such as clouds and their shadows.</source>
        <translation>Kartiert die Klassen, die ein trainiertes Netz kennt, etwa Wolken und ihre Schatten.</translation>
    </message>
    <message>
        <location filename="../../algorithms/segment.py"/>
        <source>segmentation,semantic,clouds,cloud mask,onnx,deep learning</source>
        <translation>Segmentierung,semantisch,Wolken,Wolkenmaske,ONNX,Deep Learning</translation>
    </message>
    <message>
        <location filename="../../algorithms/segmentmany.py"/>
        <source>Map many images with a ready-made model</source>
        <translation>Viele Bilder mit fertigem Modell kartieren</translation>
    </message>
    <message>
        <location filename="../../algorithms/segmentmany.py"/>
        <source>Map each of many images; the model is loaded once.</source>
        <translation>Kartiert jedes von vielen Bildern; das Modell wird einmal geladen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/series.py"/>
        <source>{} files do not say their date in metadata or name and were left out: {}.</source>
        <translation>{} Dateien sagen ihr Datum weder in Metadaten noch im Namen und wurden ausgelassen: {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/series.py"/>
        <source>No raster in the folder {} says its date.</source>
        <translation>Kein Raster im Ordner {} sagt sein Datum.</translation>
    </message>
    <message>
        <location filename="../../algorithms/series.py"/>
        <source>Put the date into the files&apos; names, such as S2_20240731.tif, or give layers with dates.</source>
        <translation>Das Datum in die Dateinamen setzen, wie S2_20240731.tif, oder Layer mit Daten angeben.</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Model: {}</source>
        <translation>Modell: {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Device: {}. {}</source>
        <translation>Gerät: {}. {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Threshold: {}. {}</source>
        <translation>Schwellenwert: {}. {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>{} pixels in {}, {} a second.</source>
        <translation>{} Pixel in {}, {} je Sekunde.</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>About {} left.</source>
        <translation>Noch etwa {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Starting the engine</source>
        <translation>Engine wird gestartet</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Fetching the model&apos;s weights</source>
        <translation>Gewichte des Modells werden geholt</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Loading the model</source>
        <translation>Modell wird geladen</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Getting to know the image</source>
        <translation>Das Bild wird kennengelernt</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Getting to know the differences</source>
        <translation>Die Unterschiede werden kennengelernt</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Taking a sample of the image</source>
        <translation>Dem Bild wird eine Stichprobe entnommen</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Reading the samples</source>
        <translation>Trainingsdaten werden gelesen</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Encoding</source>
        <translation>Kodieren</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Learning</source>
        <translation>Lernen</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Checking the accuracy</source>
        <translation>Genauigkeit wird geprüft</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Computing features</source>
        <translation>Merkmale werden gerechnet</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Mapping</source>
        <translation>Kartieren</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Measuring</source>
        <translation>Messen</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Refining</source>
        <translation>Verfeinern</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Comparing</source>
        <translation>Vergleichen</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Comparing the dates</source>
        <translation>Termine werden verglichen</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Marking the changes</source>
        <translation>Änderungen werden markiert</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Looking for the classes</source>
        <translation>Klassen werden gesucht</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Applying what is known</source>
        <translation>Wissen wird angewandt</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Counting what changed</source>
        <translation>Änderungen werden gezählt</translation>
    </message>
    <message>
        <location filename="../../algorithms/session.py"/>
        <source>Drawing polygons</source>
        <translation>Polygone werden gezeichnet</translation>
    </message>
    <message>
        <location filename="../../algorithms/similarity.py"/>
        <source>Find similar places</source>
        <translation>Ähnliche Orte finden</translation>
    </message>
    <message>
        <location filename="../../algorithms/similarity.py"/>
        <source>Map how much each place looks like a few examples.</source>
        <translation>Kartiert, wie sehr jeder Ort einigen Beispielen gleicht.</translation>
    </message>
    <message>
        <location filename="../../algorithms/similarity.py"/>
        <source>similarity,search,examples,few-shot,embedding</source>
        <translation>Ähnlichkeit,Suche,Beispiele,Few-Shot,Einbettung,Embedding</translation>
    </message>
    <message>
        <location filename="../../algorithms/similarity.py"/>
        <source>Examples (points or polygons)</source>
        <translation>Beispiele (Punkte oder Polygone)</translation>
    </message>
    <message>
        <location filename="../../algorithms/similarity.py"/>
        <source>Places that show what is looked for; one is enough.</source>
        <translation>Orte, die zeigen, was gesucht wird; einer genügt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>unchanged</source>
        <translation>unverändert</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>{} (threshold)</source>
        <translation>{} (Schwellenwert)</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>not checked yet</source>
        <translation>noch nicht geprüft</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>Made by GeoFM {} with the model {}.</source>
        <translation>Erstellt von GeoFM {} mit dem Modell {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>Made by GeoFM {}.</source>
        <translation>Erstellt von GeoFM {}.</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>Computed on {}: {}</source>
        <translation>Gerechnet auf {}: {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/styles.py"/>
        <source>The job file that repeats this run: {}</source>
        <translation>Die Jobdatei, die diesen Lauf wiederholt: {}</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>Places found</source>
        <translation>Gefundene Orte</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>Suggest places to label</source>
        <translation>Orte zum Labeln vorschlagen</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>Find the places whose label would teach a classifier most.</source>
        <translation>Findet die Orte, deren Label einen Klassifikator am meisten lehren würde.</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>active learning,samples,training,labels,uncertainty</source>
        <translation>aktives Lernen,Trainingsdaten,Training,Labels,Unsicherheit</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>Number of places</source>
        <translation>Anzahl der Orte</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>They are unlike each other and apart; the first would help most.</source>
        <translation>Sie gleichen einander nicht und liegen auseinander; der erste hülfe am meisten.</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>That of the samples, or another one.</source>
        <translation>Das der Trainingsdaten, oder ein anderes.</translation>
    </message>
    <message>
        <location filename="../../algorithms/suggestsamples.py"/>
        <source>Places to label</source>
        <translation>Orte zum Labeln</translation>
    </message>
    <message>
        <location filename="../../algorithms/superresolve.py"/>
        <source>Refine pixels with a ready-made model</source>
        <translation>Pixel mit fertigem Modell verfeinern</translation>
    </message>
    <message>
        <location filename="../../algorithms/superresolve.py"/>
        <source>Draw the image with smaller pixels on the same ground, by a super-resolution network.</source>
        <translation>Zeichnet das Bild mit kleineren Pixeln auf demselben Boden, durch ein Netz für Super-Resolution.</translation>
    </message>
    <message>
        <location filename="../../algorithms/superresolve.py"/>
        <source>super-resolution,superresolution,upscaling,resolution,onnx,deep learning</source>
        <translation>Super-Resolution,Superresolution,Hochskalieren,Auflösung,ONNX,Deep Learning</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>The label has no class.</source>
        <translation>Das Label hat keine Klasse.</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>Say it: add(place, &quot;water&quot;).</source>
        <translation>Sie angeben: add(place, &quot;water&quot;).</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>The place cannot be brought into the image&apos;s coordinate system.</source>
        <translation>Der Ort kann nicht in das Koordinatensystem des Bildes gebracht werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>The labels show fewer than two classes.</source>
        <translation>Die Labels zeigen weniger als zwei Klassen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>Add more.</source>
        <translation>Weitere hinzufügen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>There is nothing to show yet.</source>
        <translation>Es gibt noch nichts zu zeigen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>{} cannot be opened as a vector layer.</source>
        <translation>{} kann nicht als Vektorlayer geöffnet werden.</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>The layer {} says no class.</source>
        <translation>Der Layer {} sagt keine Klasse.</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>Name the field that holds it, or the class of all its features.</source>
        <translation>Das Feld nennen, in dem sie steht, oder die Klasse aller seiner Objekte.</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>{} is no coordinate system that QGIS knows.</source>
        <translation>{} ist kein Koordinatensystem, das QGIS kennt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/teaching.py"/>
        <source>Give EPSG:n or WKT.</source>
        <translation>EPSG:n oder WKT angeben.</translation>
    </message>
    <message>
        <location filename="../../algorithms/text.py"/>
        <source>less than 1 s</source>
        <translation>weniger als 1 s</translation>
    </message>
    <message>
        <location filename="../../algorithms/text.py"/>
        <source>{} s</source>
        <translation>{} s</translation>
    </message>
    <message>
        <location filename="../../algorithms/text.py"/>
        <source>{} min {} s</source>
        <translation>{} min {} s</translation>
    </message>
    <message>
        <location filename="../../algorithms/text.py"/>
        <source>{} h {} min</source>
        <translation>{} h {} min</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>Set another threshold of change</source>
        <translation>Anderen Schwellenwert der Änderung setzen</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>Make mask, polygons and table of a magnitude of change anew, without comparing again.</source>
        <translation>Macht Maske, Polygone und Tabelle einer Stärke der Änderung neu, ohne erneut zu vergleichen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>change detection,threshold,magnitude,mask,polygons</source>
        <translation>Änderungserkennung,Schwellenwert,Stärke,Maske,Polygone</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>Magnitudes from there on are change. Empty: by false alarms.</source>
        <translation>Ab dieser Stärke ist es Änderung. Leer: nach Fehlalarmen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>What “Detect change” made.</source>
        <translation>Was „Änderungen erkennen“ erstellte.</translation>
    </message>
    <message>
        <location filename="../../algorithms/thresholdchange.py"/>
        <source>In place of a threshold, as for “Detect change”.</source>
        <translation>Statt eines Schwellenwerts, wie bei „Änderungen erkennen“.</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Accuracy on samples left out (0 to 1)</source>
        <translation>Genauigkeit an ausgelassenen Trainingsdaten (0 bis 1)</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Train a classifier</source>
        <translation>Klassifikator trainieren</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Learn classes from labelled points or polygons.</source>
        <translation>Lernt Klassen aus gelabelten Punkten oder Polygonen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>training,supervised,few-shot,random forest,labels,land cover</source>
        <translation>Training,überwacht,Few-Shot,Random Forest,Zufallswald,Labels,Landbedeckung</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Samples (points or polygons)</source>
        <translation>Trainingsdaten (Punkte oder Polygone)</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Places whose class is known. Ten of each class are a good start.</source>
        <translation>Orte bekannter Klasse. Zehn je Klasse sind ein guter Anfang.</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Texts or whole numbers. Features without a value are left out.</source>
        <translation>Texte oder ganze Zahlen. Objekte ohne Wert werden weggelassen.</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>ensemble is the most accurate, fast its quick variant; the others are well known ones.</source>
        <translation>ensemble ist am genauesten, fast seine schnelle Variante; die anderen sind gut bekannt.</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>GeoFM classifiers (*.geofm)</source>
        <translation>GeoFM-Klassifikatoren (*.geofm)</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Accuracy report</source>
        <translation>Genauigkeitsbericht</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Classifier to go on teaching</source>
        <translation>Klassifikator, der weiterlernt</translation>
    </message>
    <message>
        <location filename="../../algorithms/trainclassifier.py"/>
        <source>Its model, classes and samples are taken over, and these samples join them.</source>
        <translation>Sein Modell, seine Klassen und Trainingsdaten werden übernommen, und diese kommen hinzu.</translation>
    </message>
    <message>
        <source>All packages with their versions</source>
        <translation type="vanished">Alle Pakete mit ihren Versionen</translation>
    </message>
    <message>
        <source>The engine is of another version</source>
        <translation type="vanished">Die Engine ist von einer anderen Version</translation>
    </message>
    <message>
        <source>Make the engine&apos;s Python anew</source>
        <translation type="vanished">Das Python der Engine neu anlegen</translation>
    </message>
    <message>
        <source>What is there is used; only what is missing is fetched.</source>
        <translation type="vanished">Was da ist, wird benutzt; nur was fehlt, wird geholt.</translation>
    </message>
    <message>
        <source>GeoFM computes in a Python of its own, apart from QGIS, so that it cannot break it. Setting it up downloads some libraries once, into {}.</source>
        <translation type="vanished">GeoFM rechnet in einem eigenen Python, getrennt von QGIS, das so nicht beschädigt werden kann. Das Einrichten lädt einmal einige Bibliotheken herunter, nach {}.</translation>
    </message>
    <message>
        <source>Making an environment</source>
        <translation type="vanished">Umgebung wird angelegt</translation>
    </message>
</context>
</TS>
